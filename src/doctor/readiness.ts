import type { Cache } from "../cache/cache.ts";
import { calledAs } from "../calledAs.ts";
import type { Database } from "../database.ts";
import type { Probe } from "../http/probes.ts";
import { pendingMigrations } from "../migrations.ts";

/** What the schema said when it was up to date holds for so long: it only goes back where somebody sends it. */
const SCHEMA_KEPT_MS = 60_000;

export interface ReadinessParts {
  databaseUrl: string;
  database: Pick<Database, "directory">;
  cache: Pick<Cache, "health">;
}

/** What this process needs to answer people and to send what is owed. Its reasons name no tenant and no address. */
export function readinessProbes({ databaseUrl, database, cache }: ReadinessParts): Probe[] {
  let goodUntilMs = Number.NEGATIVE_INFINITY;
  return [
    {
      name: "database",
      async run() {
        return database.directory.query("select 1").then(
          () => undefined,
          () => "PostgreSQL does not answer.",
        );
      },
    },
    {
      name: "schema",
      async run() {
        if (performance.now() < goodUntilMs) return undefined;
        const pending = await pendingMigrations(databaseUrl).catch(() => undefined);
        if (pending === undefined) return "PostgreSQL does not say which migrations ran.";
        if (pending.length > 0) return `${pending.length} migrations did not run: ${calledAs("migrate")}.`;
        goodUntilMs = performance.now() + SCHEMA_KEPT_MS;
        return undefined;
      },
    },
    {
      name: "cache",
      isDispensable: true,
      async run() {
        if ((await cache.health()).ok) return undefined;
        return "Redis does not answer: nothing is cached, and each process keeps limits by itself.";
      },
    },
  ];
}
