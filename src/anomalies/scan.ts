import { isDatabaseDown } from "../databaseTrouble.ts";
import { createScanWatch, type ScanWatch } from "../telemetry/scans.ts";
import { NO_TELEMETRY } from "../telemetry/telemetry.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { createTenantScan, type TenantScanParts } from "./scanTenant.ts";
import {
  claimWatch,
  findWatch,
  LostWatch,
  noteFailure,
  releaseWatch,
  renewWatch,
  type ScanLease,
} from "./watchStore.ts";

export interface ScannerParts extends TenantScanParts {
  directory: TenantDirectory;
  /** How long lines are on their way to the log source: the last minute that is scanned ended so long ago. */
  lagMs: number;
  /** A clock that nobody sets: where the other one has leapt since the last scan, one scan is left out. */
  steadyNow?: () => number;
  /** Told of the scans; absent: nobody is. */
  watch?: ScanWatch;
}

export interface Scanner {
  /** Scans what is due: the tenants that nobody else scans, until all are done. Never throws. */
  tick(): Promise<void>;
  /** The same for those whose logs could not be read last time: apart, since each may take as long as an answer is waited for. */
  retry(): Promise<void>;
  /** Finishes the scans in hand. */
  stop(): Promise<void>;
}

const MINUTE_MS = 60_000;
/** A slice of an hour takes a second or two, and the watch is kept for longer with each. */
const LEASE_MS = 2 * MINUTE_MS;
/** More than a busy process is late, and less than a time zone. */
const LEAP_MS = 90_000;
const TENANTS_AT_ONCE = { answering: 4, failing: 2 } as const;
type Lane = keyof typeof TENANTS_AT_ONCE;
const TENANTS_A_TIME = 50;

/** Watches all tenants: each is scanned once a minute, by whichever process has it. */
export function createScanner(parts: ScannerParts): Scanner {
  const { directory, announcer, log, now, owner, lagMs, faults } = parts;
  const watcher = parts.watch ?? createScanWatch(NO_TELEMETRY);
  const tenantScan = createTenantScan({ ...parts, found: watcher.found });
  let stopped = false;
  const inHand = new Map<Lane, Promise<void>>();
  let offsetMs: number | undefined;
  let leaptAtMs = -Infinity;

  return {
    tick: () => once("answering"),
    retry: () => once("failing"),
    async stop() {
      stopped = true;
      await Promise.all([...inHand.values(), tenantScan.stop()]);
    },
  };

  function once(lane: Lane): Promise<void> {
    const running =
      inHand.get(lane) ??
      scanDue(lane)
        .catch((err: unknown) => {
          // The next tick finds the tenants due again.
          if (!isDatabaseDown(err)) log.error({ err }, "could not scan");
        })
        .finally(() => inHand.delete(lane));
    inHand.set(lane, running);
    return running;
  }

  /** Minutes to come hold no lines, which would look like silence; a clock that was set right is believed a minute later. */
  function hasLeapt(): boolean {
    if (parts.steadyNow === undefined) return false;
    const steadyMs = parts.steadyNow();
    const before = offsetMs;
    offsetMs = now() - steadyMs;
    if (before !== undefined && Math.abs(offsetMs - before) > LEAP_MS) leaptAtMs = steadyMs;
    return steadyMs - leaptAtMs < MINUTE_MS / 2;
  }

  async function scanDue(lane: Lane): Promise<void> {
    if (hasLeapt()) return log.warn({ lane }, "the clock has leapt: nothing is scanned this minute");
    const dueMs = Math.floor((now() - lagMs) / MINUTE_MS) * MINUTE_MS;
    const tried = new Set<string>();
    while (!stopped) {
      const due = await directory.tenantsToScan(
        { dueMs, nowMs: now(), owner, failing: lane === "failing" },
        TENANTS_A_TIME + tried.size,
      );
      const next = due.filter(({ tenantId }) => !tried.has(tenantId));
      if (next.length === 0) return;
      for (const { tenantId } of next) tried.add(tenantId);
      const queue = next.values();
      const worker = async () => {
        for (const scope of queue) if (!stopped) await scanTenant(scope, dueMs);
      };
      await Promise.all(Array.from({ length: TENANTS_AT_ONCE[lane] }, worker));
    }
  }

  async function scanTenant(scope: TenantScope, dueMs: number): Promise<void> {
    try {
      const watch = await claimWatch(scope, lease(), dueMs);
      if (watch === undefined) return;
      await faults?.("scan: claimed");
      try {
        const goOn = async () => {
          if (stopped) throw new LostWatch("the process ends");
          await renewWatch(scope, lease());
        };
        await watcher.scan(() => tenantScan.scan(scope, watch, dueMs, goOn));
        if (watch.failing !== undefined) {
          const failedForMs = now() - watch.failing.sinceMs;
          log.warn({ tenant: scope.tenantId, failedForMs }, "scans succeed again");
        }
      } catch (error) {
        tenantScan.forget(scope);
        // What the end of the process broke off is no failure of the logs: whoever scans next does it.
        if (error instanceof LostWatch || stopped) return;
        const why = inWords(error);
        // Each minute that it goes on for the same reason is no news.
        if (!isDatabaseDown(error) && watch.failing?.why !== why)
          log.warn({ err: error, tenant: scope.tenantId }, "a scan failed and is tried again every minute");
        await noteFailure(scope, owner, why, now());
      } finally {
        await releaseWatch(scope, owner);
      }
      await faults?.("scan: released");
      const after = await findWatch(scope);
      if (after !== undefined) await announcer.notify(scope, after);
    } catch (err) {
      // The next tick finds the tenant due again.
      if (!isDatabaseDown(err)) log.warn({ err, tenant: scope.tenantId }, "could not scan a tenant");
    }
  }

  function lease(): ScanLease {
    return { owner, nowMs: now(), forMs: LEASE_MS };
  }
}

/** For people, without a line of the log: what an error of the log source says may quote one. */
function inWords(error: unknown): string {
  return error instanceof Error && error.name === "UserError" ? error.message : "the scan failed";
}
