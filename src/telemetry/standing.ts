import type { Cache } from "../cache/cache.ts";
import type { ChatPlatform } from "../chat/platform.ts";
import type { Database } from "../database.ts";
import { readArchiving } from "../databaseArchive.ts";
import type { DatabaseNotices } from "../databaseNotices.ts";
import type { JobQueue } from "../jobs/queue.ts";
import type { Models } from "../models/tenantModel.ts";
import type { Backlog } from "../tenancy/backlog.ts";
import { inTime } from "./inTime.ts";
import type { Metrics, Reading } from "./metrics.ts";
import { readModels } from "./models.ts";

export interface StandingParts {
  backlog: Pick<Backlog, "countDeliveries" | "countWaiting">;
  database: Pick<Database, "pools" | "directory">;
  notices: () => Pick<DatabaseNotices, "isListening"> | undefined;
  queue: Pick<JobQueue, "standing">;
  cache: Pick<Cache, "health">;
  models: Models;
  platforms: readonly Pick<ChatPlatform, "name" | "isConnected">[];
  now: () => number;
}

/** Longer ago than this the database is as good as away. */
const COUNT_MS = 1_500;

/** Has it told how things stand: what is owed and waits, and what all of it stands on. @returns what ends that */
export function tellStanding(metrics: Metrics, parts: StandingParts): () => void {
  const { backlog, database, notices, queue, cache, models, platforms, now } = parts;
  const ends = [
    // First, before the questions of the others have the connections.
    metrics.gauge(
      [
        "loghunter_database_connections",
        "loghunter_database_connections_most",
        "loghunter_database_waiting",
        "loghunter_notices_up",
      ],
      async () => [
        ...database.pools().flatMap(({ pool, busy, idle, most, waiting }): Reading[] => [
          ["loghunter_database_connections", { pool, state: "busy" }, busy],
          ["loghunter_database_connections", { pool, state: "idle" }, idle],
          ["loghunter_database_connections_most", { pool }, most],
          ["loghunter_database_waiting", { pool }, waiting],
        ]),
        ["loghunter_notices_up", {}, Number(notices()?.isListening() === true)],
      ],
    ),
    metrics.gauge(
      [
        "loghunter_database_up",
        "loghunter_deliveries_pending",
        "loghunter_deliveries_refused",
        "loghunter_deliveries_in_hand",
        "loghunter_oldest_unsent_seconds",
      ],
      async () => {
        const owed = await inTime(backlog.countDeliveries(), COUNT_MS).catch(() => undefined);
        if (owed === undefined) return [["loghunter_database_up", {}, 0]];
        return [
          ["loghunter_database_up", {}, 1],
          ["loghunter_deliveries_pending", {}, owed.pending],
          ["loghunter_deliveries_refused", {}, owed.refused],
          ["loghunter_deliveries_in_hand", {}, owed.inHand],
          ["loghunter_oldest_unsent_seconds", {}, (owed.oldestForMs ?? 0) / 1_000],
        ];
      },
    ),
    metrics.gauge(
      ["loghunter_questions_waiting", "loghunter_oldest_question_seconds", "loghunter_scan_age_seconds"],
      async () => {
        const { questions, oldestForMs = 0, scannedMs } = await backlog.countWaiting();
        const ages = scannedMs === undefined ? [] : (["newest", "oldest"] as const);
        return [
          ["loghunter_questions_waiting", {}, questions],
          ["loghunter_oldest_question_seconds", {}, oldestForMs / 1_000],
          ...ages.map(
            (of): Reading => [
              "loghunter_scan_age_seconds",
              { of },
              Math.max(0, now() - (scannedMs?.[of] ?? 0)) / 1_000,
            ],
          ),
        ];
      },
    ),
    metrics.gauge(["loghunter_jobs", "loghunter_oldest_job_seconds"], async () => {
      const { oldestForMs = 0, ...counts } = await queue.standing();
      return [
        ...Object.entries(counts).map(([state, count]): Reading => ["loghunter_jobs", { state }, count]),
        ["loghunter_oldest_job_seconds", {}, oldestForMs / 1_000],
      ];
    }),
    metrics.gauge(["loghunter_archive_healthy"], async () => {
      const archiving = await readArchiving(database.directory);
      if (archiving === undefined) return [];
      return [["loghunter_archive_healthy", {}, Number(archiving.failsForMs === undefined)]];
    }),
    metrics.gauge(["loghunter_cache_up"], async () => [
      ["loghunter_cache_up", {}, Number((await cache.health()).ok)],
    ]),
    metrics.gauge(["loghunter_chat_up"], async () =>
      platforms.flatMap((platform): Reading[] => {
        const isUp = platform.isConnected();
        return isUp === undefined ? [] : [["loghunter_chat_up", { platform: platform.name }, Number(isUp)]];
      }),
    ),
    metrics.gauge(["loghunter_model_requests", "loghunter_model_left_alone"], async () => readModels(models)),
  ];
  return () => {
    for (const end of ends) end();
  };
}
