import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Band } from "./detector.ts";
import type { Change } from "./episode.ts";
import type { Watch } from "./watchStore.ts";

/**
 * Owes what is told of changes, in the transaction that keeps them.
 * @param eventIds of each change; undefined where nothing new came of it
 */
export type Announcement = (db: Queryable, eventIds: readonly (string | undefined)[]) => Promise<void>;

/** What an announcer is told beside the changes. */
export interface AboutChanges {
  /** Absent in shadow mode: who has heard of an episode before hears of its end all the same. */
  liveSinceMs: number | undefined;
  /** How many services are watched. */
  services: number;
  /** What is usual for what an episode is of, at a minute. */
  bandOf(change: Change): ((atMs: number) => Band) | undefined;
}

/** Tells people of episodes. The scan knows only this; src/alerting does it. */
export interface Announcer {
  /**
   * Reads what is to be told of changes beside their numbers; without it where the log source does not give it in time: an
   * alert is owed all the same.
   */
  prepare(scope: TenantScope, changes: readonly Change[], about: AboutChanges): Promise<Announcement>;
  /** Channels that take no messages just now, a text each: what is open is offered again once one of them does. */
  shutOut(scope: TenantScope): Promise<readonly string[]>;
  /** Owes what is to be said of the watch itself. */
  notify(scope: TenantScope, watch: Watch): Promise<void>;
}
