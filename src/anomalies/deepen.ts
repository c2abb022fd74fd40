import type { Log } from "../log.ts";
import type { TimeRange } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { takeTurns } from "../turns.ts";
import type { KeptBaseline } from "./baselineStore.ts";
import { readCircumstances } from "./circumstances.ts";
import { advance, type Counted } from "./counting.ts";
import { slicesOf } from "./slices.ts";
import { TenantWatch } from "./tenantWatch.ts";

export interface DeepeningParts {
  /** Counts a slice of the past that ends before a time. */
  count(scope: TenantScope, slice: TimeRange, untilMs: number): Promise<Counted[]>;
  log: Log;
  /** Between two slices: others ask the log source too. */
  pause(): Promise<void>;
}

/** Learns how services were before the first scan, a slice at a time, while they are watched with what is known already. */
export interface Deepening {
  /**
   * Begins to learn a tenant's weeks before; one tenant after the other. Once is enough.
   * @param rangeOf what to learn, asked when its turn comes
   */
  begin(scope: TenantScope, rangeOf: () => TimeRange): void;
  /** What was learnt, a copy each time, until it has been kept; undefined as long as it is not done. */
  learnt(scope: TenantScope): Promise<TenantWatch | undefined>;
  kept(scope: TenantScope): void;
  stop(): Promise<void>;
}

/** Where the log source failed in the middle of it, it is tried again after so long. */
const AGAIN_AFTER_MS = 60 * 60_000;

export function createDeepening({ count, log, pause }: DeepeningParts): Deepening {
  /** When a tenant may begin: never again but where it failed. */
  const from = new Map<string, number>();
  const done = new Map<string, { baselines: KeptBaseline[]; learnedFromMs: number | undefined }>();
  let stopped = false;
  let queue: Promise<void> = Promise.resolve();

  return {
    begin(scope, rangeOf) {
      if (performance.now() < (from.get(scope.tenantId) ?? 0)) return;
      from.set(scope.tenantId, Infinity);
      queue = queue.then(() =>
        learn(scope, rangeOf).catch((err: unknown) => {
          // What is known stays what it is.
          log.warn({ err, tenant: scope.tenantId }, "could not learn the weeks before");
          from.set(scope.tenantId, performance.now() + AGAIN_AFTER_MS);
        }),
      );
    },
    async learnt({ tenantId }) {
      const found = done.get(tenantId);
      return found && (await TenantWatch.restoreInTurns(found.baselines, found));
    },
    kept: ({ tenantId }) => void done.delete(tenantId),
    async stop() {
      stopped = true;
      await queue;
    },
  };

  async function learn(scope: TenantScope, rangeOf: () => TimeRange): Promise<void> {
    const tenant = new TenantWatch();
    const range = rangeOf();
    for (const slice of slicesOf(range)) {
      if (stopped) return;
      await advance(tenant, await count(scope, slice, range.toMs), await readCircumstances(scope, slice));
      await pause();
    }
    const baselines: KeptBaseline[] = [];
    const turn = takeTurns();
    for (const baseline of tenant.checkpoint(range.toMs, true)) {
      baselines.push(baseline);
      await turn();
    }
    done.set(scope.tenantId, { baselines, learnedFromMs: tenant.learnedFromMs });
  }
}
