import type { WatchDatabase } from "../database.ts";
import { secondsSince, type Telemetry } from "./telemetry.ts";

/** Tells how long the database takes for what is asked of it, the wait for a connection included. */
export function databaseWatch({ metrics, traces }: Telemetry): WatchDatabase {
  return (pool, work) =>
    traces.step("database", { pool }, async () => {
      const fromMs = performance.now();
      let outcome = "failed";
      try {
        const done = await work();
        outcome = "done";
        return done;
      } finally {
        metrics.observe("loghunter_database_seconds", { pool, outcome }, secondsSince(fromMs));
      }
    });
}
