import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Band } from "./detector.ts";
import type { Change } from "./episode.ts";
import type { Watch } from "./watchStore.ts";

/**
 * Owes what is told of changes, in the transaction that keeps them.
 * @param eventIds of each change; undefined where nothing new came of it
 * @param isLive as it stands in that transaction; in shadow mode nobody hears of anything that he has not heard of before
 */
export type Announcement = (
  db: Queryable,
  eventIds: readonly (string | undefined)[],
  isLive: boolean,
) => Promise<void>;

/** What an announcer is told beside the changes. */
export interface AboutChanges {
  /** As it stood when the scan began: nothing is read for who will not hear of it. */
  isLive: boolean;
  /** Keeps the watch for longer, before anything is read that may take a while; throws where the scan is to end. */
  goOn(): Promise<void>;
  /** How many services are watched. */
  services: number;
  /** What is usual for what an episode is of, at a minute. */
  bandOf(change: Change): ((atMs: number) => Band) | undefined;
}

export interface Reach {
  /** By a clock of its own. */
  atMs: number;
  /** They take no messages just now. */
  shutOut: readonly string[];
  /** They refused one since, and may take them by now. */
  refused: readonly string[];
}

/** Tells people of episodes. The scan knows only this; src/alerting does it. */
export interface Announcer {
  /**
   * Reads what is to be told of changes beside their numbers, and then who is to hear of them; without the former where the log
   * source does not give it in time: an alert is owed all the same.
   */
  prepare(scope: TenantScope, changes: readonly Change[], about: AboutChanges): Promise<Announcement>;
  /**
   * Channels, a text each: what is open is offered again once one of those that took no messages does.
   * @param sinceMs `atMs` of the time before; undefined: this is the first
   */
  reach(scope: TenantScope, sinceMs: number | undefined): Promise<Reach>;
  /** Owes what is to be said of the watch itself. */
  notify(scope: TenantScope, watch: Watch): Promise<void>;
}
