import type { Log } from "../log.ts";
import type { TimeRange } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { slicesOf } from "./slices.ts";
import { TenantWatch } from "./tenantWatch.ts";

export interface DeepeningParts {
  /** Has a watch read one slice of the past. */
  advance(scope: TenantScope, tenant: TenantWatch, range: TimeRange): Promise<unknown>;
  log: Log;
  /** Between two slices: others ask the log source too. */
  pause(): Promise<void>;
}

/** Learns how services were before the first scan, a slice at a time, while they are watched with what is known already. */
export interface Deepening {
  /** Begins to learn a tenant's weeks before; one tenant after the other. Once is enough. */
  begin(scope: TenantScope, range: TimeRange): void;
  /** What was learnt, up to its `untilMs`; once, and undefined as long as it is not done. */
  take(scope: TenantScope): TenantWatch | undefined;
  stop(): Promise<void>;
}

export function createDeepening({ advance, log, pause }: DeepeningParts): Deepening {
  const begun = new Set<string>();
  const done = new Map<string, TenantWatch>();
  let stopped = false;
  let queue: Promise<void> = Promise.resolve();

  return {
    begin(scope, range) {
      if (begun.has(scope.tenantId)) return;
      begun.add(scope.tenantId);
      queue = queue.then(() =>
        learn(scope, range).catch((err: unknown) => {
          // What is known stays what it is; the next process tries again.
          log.warn({ err, tenant: scope.tenantId }, "could not learn the weeks before");
        }),
      );
    },
    take({ tenantId }) {
      const tenant = done.get(tenantId);
      done.delete(tenantId);
      return tenant;
    },
    async stop() {
      stopped = true;
      await queue;
    },
  };

  async function learn(scope: TenantScope, range: TimeRange): Promise<void> {
    const tenant = new TenantWatch();
    for (const slice of slicesOf(range)) {
      if (stopped) return;
      await advance(scope, tenant, slice);
      await pause();
    }
    done.set(scope.tenantId, tenant);
  }
}
