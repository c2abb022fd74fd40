import { PAST_MUTES } from "./alerting/mutes.ts";
import { PAST_NOTICES } from "./alerting/pastNotices.ts";
import { PAST_CONVERSATIONS } from "./analysis/conversations.ts";
import { PAST_ANALYSES } from "./analysis/store.ts";
import { PAST_BASELINES } from "./anomalies/baselineStore.ts";
import { PAST_EPISODES } from "./anomalies/episodeStore.ts";
import { PAST_MAINTENANCE } from "./anomalies/maintenance.ts";
import { PAST_ENTRIES } from "./audit/entries.ts";
import { PAST_CLUSTERS } from "./clusters/store.ts";
import { PAST_MESSAGES, PAST_REPLIES } from "./console/history.ts";
import { isDatabaseAway, isDatabaseDown } from "./databaseTrouble.ts";
import { PAST_DEPLOYS } from "./deploys.ts";
import { PAST_REQUESTS } from "./http/api/requests.ts";
import type { Log } from "./log.ts";
import { PAST_CALLS } from "./models/calls.ts";
import { PAST_ACTS } from "./tenancy/acts.ts";
import type { TenantDirectory } from "./tenancy/directory.ts";
import { PAST_INVITATIONS } from "./tenancy/invitations.ts";
import { forgetBatch, type Perishable, retentionMs } from "./tenancy/perishable.ts";
import type { TenantScope } from "./tenancy/scope.ts";

/** All that goes by itself, what refers to others before those. */
export const PERISHABLES: readonly Perishable[] = [
  PAST_EPISODES,
  PAST_CONVERSATIONS,
  PAST_ANALYSES,
  PAST_CLUSTERS,
  PAST_NOTICES,
  PAST_REPLIES,
  PAST_MESSAGES,
  PAST_BASELINES,
  PAST_DEPLOYS,
  PAST_MAINTENANCE,
  PAST_MUTES,
  PAST_ACTS,
  PAST_INVITATIONS,
  PAST_CALLS,
  PAST_REQUESTS,
  PAST_ENTRIES,
];

export interface RetentionParts {
  directory: Pick<TenantDirectory, "tenants">;
  log: Log;
  now: () => number;
  /** Between two batches, at least: whoever else works comes first. */
  pauseMs?: number;
}

export interface Retention {
  /** Deletes of all tenants what is past its time. Never throws; while it runs, a second call waits for the first. */
  run(): Promise<void>;
  /** Ends after the batch in hand. */
  stop(): Promise<void>;
}

const NOT_DELETED = "could not delete what is past its retention";
const TENANTS_A_TIME = 100;
const PAUSE_MS = 50;
const MOST_ROWS = 500;
const LEAST_ROWS = 10;
/** A batch that takes longer is followed by a smaller one: much may hang on a row. */
const BATCH_MS = 100;

export function createRetention({ directory, log, now, pauseMs = PAUSE_MS }: RetentionParts): Retention {
  let stopped = false;
  let running: Promise<void> | undefined;

  return {
    run() {
      running ??= forgetAll()
        .catch(report)
        .finally(() => {
          running = undefined;
        });
      return running;
    },
    async stop() {
      stopped = true;
      await running;
    },
  };

  async function forgetAll(): Promise<void> {
    let tenants: TenantScope[];
    let after: string | undefined;
    do {
      tenants = await directory.tenants(after, TENANTS_A_TIME);
      for (const scope of tenants) if (!stopped) await forgetPast(scope).catch(report);
      after = tenants.at(-1)?.tenantId;
    } while (tenants.length === TENANTS_A_TIME && !stopped);
  }

  async function forgetPast(scope: TenantScope): Promise<void> {
    const retained = await retentionMs(scope);
    for (const perishable of PERISHABLES) {
      const beforeMs = now() - perishable.keptMs(retained);
      const rows = await forget(scope, perishable, beforeMs).catch((err: unknown) => {
        if (isDatabaseAway(err)) throw err;
        // One table that cannot be cleared, or not in time, keeps none of the others.
        log.error({ err, tenant: scope.tenantId, table: perishable.table }, NOT_DELETED);
        return 0;
      });
      if (rows === undefined) return;
      if (rows > 0) log.info({ tenant: scope.tenantId, table: perishable.table, rows }, "deleted past rows");
    }
  }

  /** @returns how many rows went; undefined where it is not to go on */
  async function forget(
    scope: TenantScope,
    perishable: Perishable,
    beforeMs: number,
  ): Promise<number | undefined> {
    let limit = MOST_ROWS;
    let rows = 0;
    let fromMs: number | undefined;
    for (;;) {
      if (stopped) return undefined;
      const startedMs = performance.now();
      const batch = { beforeMs, limit, ...(fromMs !== undefined && { fromMs }) };
      const gone = await forgetBatch(scope, perishable, batch);
      // Another process is at it, and does the rest.
      if (gone === undefined) return undefined;
      rows += gone.count;
      if (gone.count < limit) return rows;
      fromMs = gone.untilMs;
      const tookMs = performance.now() - startedMs;
      limit = Math.round(Math.min(MOST_ROWS, Math.max(LEAST_ROWS, (limit * BATCH_MS) / tookMs)));
      await new Promise((resolve) => setTimeout(resolve, Math.max(pauseMs, tookMs)));
    }
  }

  function report(err: unknown): void {
    if (!isDatabaseDown(err)) log.error({ err }, NOT_DELETED);
  }
}
