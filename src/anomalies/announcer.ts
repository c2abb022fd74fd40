import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Band } from "./detector.ts";
import type { Change } from "./tenantWatch.ts";
import type { Watch } from "./watchStore.ts";

/** Owes what is told of a change, in the transaction that keeps the change. */
export type Announcement = (db: Queryable, eventId: string) => Promise<void>;

/** Tells people of episodes. The scan knows only this; src/alerting does it. */
export interface Announcer {
  /**
   * Reads what is to be told of a change beside its numbers; without it where the log source does not give it in time: an
   * alert is owed all the same.
   * @param isHurried there is no time to read anything
   * @returns undefined where nothing is new for anybody
   */
  prepare(
    scope: TenantScope,
    change: Change,
    band: ((atMs: number) => Band) | undefined,
    isHurried: boolean,
  ): Promise<Announcement | undefined>;
  /** Owes what is to be said of the watch itself. */
  notify(scope: TenantScope, watch: Watch): Promise<void>;
}
