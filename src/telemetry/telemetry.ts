import { type Metrics, NO_METRICS } from "./metrics.ts";
import { NO_TRACES, type Traces } from "./traces.ts";

/** What a process tells of itself; ports are decorated with it where the app is joined. */
export interface Telemetry {
  metrics: Metrics;
  traces: Traces;
}

export const NO_TELEMETRY: Telemetry = { metrics: NO_METRICS, traces: NO_TRACES };

/** Of what began at a time of `performance.now()`. */
export function secondsSince(fromMs: number): number {
  return (performance.now() - fromMs) / 1_000;
}
