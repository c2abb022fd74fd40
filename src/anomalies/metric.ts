import { SEVERITY_FROM } from "./detector.ts";

/** From least to worst. */
export const SEVERITIES = ["LOW", "MEDIUM", "HIGH", "CRITICAL"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Which way it is off. */
export type Direction = "up" | "down" | "silence";

/** What an episode is of. */
export const METRICS = ["error_rate", "log_volume", "silence", "new_error", "error_ratio"] as const;
export type Metric = (typeof METRICS)[number];

/** From which score on there is an episode. */
export const LEAST_SCORE = SEVERITY_FROM.LOW;

/** The worst that a score is; undefined where it is nothing. */
export function severityOf(score: number): Severity | undefined {
  return SEVERITIES.findLast((severity) => score >= SEVERITY_FROM[severity]);
}

/**
 * The same where a service's threshold is moved by so much. What is as frequent as once a week is nothing, however little is
 * asked: of what is more frequent the detector keeps no score.
 */
export function severityFor(score: number, shift: number): Severity | undefined {
  return score > 0 ? severityOf(score - shift) : undefined;
}

export function isWorse(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b);
}
