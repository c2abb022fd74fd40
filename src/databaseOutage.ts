import type { WatchDatabase } from "./database.ts";
import type { Log } from "./log.ts";

/**
 * Tells once that the database is away, and once that it is back: what failed meanwhile need not tell it again.
 * @param isAway whether an error says that it cannot be reached, as opposed to being slow with one statement
 */
export function outageWatch(log: Log, isAway: (error: unknown) => boolean): WatchDatabase {
  let awaySinceMs: number | undefined;
  return async (_, work) => {
    try {
      const done = await work();
      if (awaySinceMs !== undefined) {
        const awayForMs = Math.round(performance.now() - awaySinceMs);
        awaySinceMs = undefined;
        log.warn({ awayForMs }, "the database answers again");
      }
      return done;
    } catch (err) {
      if (awaySinceMs === undefined && isAway(err)) {
        awaySinceMs = performance.now();
        const { message, code } = err as { message: string; code?: unknown };
        log.error(
          { err: { message, code } },
          "the database does not answer; nothing is lost, and everything waits for it",
        );
      }
      throw err;
    }
  };
}
