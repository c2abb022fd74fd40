import type { WatchDatabase } from "../database.ts";
import { type Telemetry, timed } from "./telemetry.ts";

/** Tells how long the database takes for what is asked of it, the wait for a connection included. */
export function databaseWatch({ metrics, traces }: Telemetry): WatchDatabase {
  return (pool, work) =>
    traces.step("database", { pool }, () =>
      timed(work, (outcome, seconds) =>
        metrics.observe("loghunter_database_seconds", { pool, outcome }, seconds),
      ),
    );
}
