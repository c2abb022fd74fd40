import type { Log } from "../log.ts";
import type { CountSeries, LogSource, TimeRange } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { takeTurns } from "../turns.ts";
import type { Circumstances } from "./circumstances.ts";
import type { Change } from "./episode.ts";
import type { TenantWatch } from "./tenantWatch.ts";

/** Counts of a range by the minute; undefined where they could not be had, and nothing is known of it. */
export interface Counted {
  range: TimeRange;
  series: CountSeries[] | undefined;
}

/** Counts a range for a scan, which it may end by throwing. */
export type Count = (range: TimeRange) => Promise<Counted[]>;

const MINUTE_MS = 60_000;
/** Questions of one slice that may fail: each may take as long as one is waited for. */
const MOST_FAILURES = 10;

/** One grouped query for all services of the tenant. */
export function countAll(logs: LogSource, scope: TenantScope, range: TimeRange): Promise<CountSeries[]> {
  return logs.counts(scope.lokiOrgId, { ...range, stepMs: MINUTE_MS, fresh: true, whole: true });
}

/**
 * The same, around what the log source cannot count: one minute of which it is always too much would else hold back all that
 * come after it. What it is, is found by halves; those that fail once more are taken as unknown.
 * @param untilMs the end of the newest minute: where that cannot be counted either, it is the log source itself that fails
 * @param goOn called before each question
 */
export async function countAround(
  { logs, log }: { logs: LogSource; log: Log },
  scope: TenantScope,
  range: TimeRange,
  untilMs: number,
  goOn: () => Promise<void>,
): Promise<Counted[]> {
  let failures = 0;
  return await within(range);

  async function within(part: TimeRange): Promise<Counted[]> {
    await goOn();
    try {
      return [{ range: part, series: await countAll(logs, scope, part) }];
    } catch (err) {
      if (failures === 0) await countAll(logs, scope, { fromMs: untilMs - MINUTE_MS, toMs: untilMs });
      failures += 1;
      const minutes = (part.toMs - part.fromMs) / MINUTE_MS;
      if (minutes <= 1 || failures > MOST_FAILURES) {
        log.warn({ err, tenant: scope.tenantId, ...part }, "minutes that cannot be counted are left out");
        return [{ range: part, series: undefined }];
      }
      const halfMs = part.fromMs + Math.floor(minutes / 2) * MINUTE_MS;
      const first = await within({ fromMs: part.fromMs, toMs: halfMs });
      return [...first, ...(await within({ fromMs: halfMs, toMs: part.toMs }))];
    }
  }
}

/** Has a watch see what was counted. */
export async function advance(
  tenant: TenantWatch,
  counted: readonly Counted[],
  about: Circumstances,
): Promise<Change[]> {
  const turn = takeTurns();
  const found: Change[] = [];
  for (const { range, series } of counted) {
    for (const changes of tenant.minutes(series, range.fromMs, range.toMs, about)) {
      found.push(...changes);
      await turn();
    }
  }
  return found;
}
