import { writePrometheusDuration } from "./durations.ts";
import type { Asked } from "./endpoints.ts";
import type { Rules } from "./rules.ts";

export function buildInfo({ version }: Rules): string {
  return JSON.stringify({
    version,
    revision: "standin",
    branch: "HEAD",
    buildUser: "stand-in@test",
    buildDate: "2026-11-23T17:52:49Z",
    goVersion: "",
  });
}

/** What a tenant may ask for; the parts of the recorded answer that a client can use. */
export function drilldownLimits({ rules: { limits, version } }: Asked): string {
  return JSON.stringify({
    limits: {
      discover_log_levels: true,
      max_entries_limit_per_query: limits.maxEntries,
      max_line_size_truncate: false,
      max_query_bytes_read: "0B",
      max_query_length: duration(limits.maxQueryLengthMs),
      max_query_lookback: duration(limits.maxLookbackMs),
      max_query_range: "0s",
      max_query_series: limits.maxSeries,
      metric_aggregation_enabled: false,
      pattern_persistence_enabled: false,
      query_timeout: "1m",
      retention_period: "0s",
      volume_enabled: limits.volumeEnabled,
      volume_max_series: 1_000,
    },
    pattern_ingester_enabled: true,
    version,
  });
}

function duration(ms: number): string {
  return writePrometheusDuration(BigInt(ms) * 1_000_000n);
}
