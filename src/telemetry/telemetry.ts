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

/**
 * Does the work, and tells what came of it and how long that took; what is thrown is thrown on.
 * @param outcomeOf what came of it where it throws
 */
export async function timed<T>(
  work: () => Promise<T>,
  tell: (outcome: string, seconds: number) => void,
  outcomeOf: (error: unknown) => string = () => "failed",
): Promise<T> {
  const fromMs = performance.now();
  let outcome = "done";
  try {
    return await work();
  } catch (error) {
    outcome = outcomeOf(error);
    throw error;
  } finally {
    tell(outcome, secondsSince(fromMs));
  }
}
