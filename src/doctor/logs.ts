import { countOf, duration } from "../analysis/words.ts";
import { hasEnded, recordedUntil } from "../logs/recording.ts";
import type { LogSource } from "../logs/source.ts";
import type { Check } from "./check.ts";
import { type Found, foundIn, well } from "./found.ts";

const MINUTE_MS = 60_000;
/** Looked at minute by minute: as the watch does, so that what it needs is tried. */
const MINUTES = 60;
/** Agents send every few seconds, and their queues take a while. */
const LATE_MS = 15 * MINUTE_MS;

export interface LogsParts {
  logs: LogSource;
  now: () => number;
}

/** The organisation's logs: reached, with labels that can be used, clocks that agree, and lines that arrive. */
export function logsCheck(org: string, { logs, now }: LogsParts, name = "logs"): Check {
  return {
    name,
    fix: "Check that the log source runs and answers; docs/troubleshooting.md says how.",
    async run(signal) {
      const health = await logs.health(org);
      const found = foundIn(
        health,
        "Check LOKI_URL, or the paths of LOGS; docs/troubleshooting.md says how.",
      );
      if (!health.ok || hasEnded(recordedUntil(logs, org), now())) return found;
      return [...found, await arrival(signal)];
    },
  };

  async function arrival(signal: AbortSignal): Promise<Found> {
    const toMs = Math.ceil(now() / MINUTE_MS) * MINUTE_MS;
    const fromMs = toMs - MINUTES * MINUTE_MS;
    const series = await logs.counts(org, { fromMs, toMs, stepMs: MINUTE_MS, fresh: true, signal });
    const perMinute = Array.from({ length: MINUTES }, (_, at) =>
      series.reduce((sum, { counts }) => sum + (counts[at] ?? 0), 0),
    );
    const last = perMinute.findLastIndex((count) => count > 0);
    if (last < 0)
      return {
        state: "warning",
        finding: "No line was logged in the last hour.",
        fix: "Check that what ships the logs runs, and that the organisation is the right one: connect says which.",
      };
    const lateMs = now() - (fromMs + (last + 1) * MINUTE_MS);
    if (lateMs > LATE_MS)
      return {
        state: "warning",
        finding: `The newest line is ${duration(lateMs)} old.`,
        fix: "Check that what ships the logs runs (Alloy, Promtail, Fluent Bit), and its queue.",
      };
    const lines = perMinute.reduce((sum, count) => sum + count, 0);
    const services = new Set(series.map(({ service }) => service)).size;
    return well(
      `${countOf(lines, "line", "lines")} of ${countOf(services, "service", "services")} in the last hour.`,
    );
  }
}
