import { goDuration, prometheusDuration, writeGoDuration, writePrometheusDuration } from "./durations.ts";
import { badRequest } from "./failure.ts";
import type { Rules } from "./rules.ts";
import { readTime } from "./times.ts";

export interface Span {
  startNs: bigint;
  endNs: bigint;
}

const HOUR_NS = 3_600_000_000_000n;

/** `start` and `end`, or `since` an hour by default, as every endpoint takes them. */
export function readSpan(params: URLSearchParams, rules: Rules): Span {
  const nowNs = BigInt(Math.trunc(rules.now())) * 1_000_000n;
  const endNs = readTime("end", params.get("end"), nowNs);
  const startNs = readTime("start", params.get("start"), (endNs < nowNs ? endNs : nowNs) - readSince(params));
  if (startNs > endNs) throw badRequest("end timestamp must not be before or equal to start time");
  return { startNs, endNs };
}

function readSince(params: URLSearchParams): bigint {
  const text = params.get("since");
  if (text === null || text === "") return HOUR_NS;
  const duration = prometheusDuration(text);
  const ns = "ns" in duration ? duration.ns : goDuration(text);
  if (ns === undefined)
    throw badRequest(
      `could not parse 'since' parameter: not a valid duration string: ${JSON.stringify(text)}`,
    );
  return ns;
}

/** Refuses what is longer than the tenant may ask, and clips what lies further back, without a word. */
export function withinLimits({ startNs, endNs }: Span, { limits, now }: Rules): Span {
  const longest = BigInt(limits.maxQueryLengthMs) * 1_000_000n;
  if (longest > 0n && endNs - startNs > longest) {
    throw badRequest(
      `the query time range exceeds the limit (query length: ${writeGoDuration(endNs - startNs)}, limit: ${writePrometheusDuration(longest)})`,
    );
  }
  if (limits.maxLookbackMs <= 0) return { startNs, endNs };
  const oldest = (BigInt(Math.trunc(now())) - BigInt(limits.maxLookbackMs)) * 1_000_000n;
  if (endNs < oldest) return { startNs: oldest, endNs: oldest };
  return { startNs: startNs < oldest ? oldest : startNs, endNs };
}
