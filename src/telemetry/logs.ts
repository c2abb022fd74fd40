import { UserError } from "../errors.ts";
import type { Ask, LogLine, LogSource } from "../logs/source.ts";
import { secondsSince, type Telemetry, timed } from "./telemetry.ts";

/** The same source, which tells how it answers. */
export function watchedLogs(logs: LogSource, { metrics, traces }: Telemetry): LogSource {
  const ended = (question: string, outcome: string, seconds: number) =>
    metrics.observe("loghunter_log_query_seconds", { question, outcome }, seconds);

  function asked<T>(question: string, range: Ask, ask: () => Promise<T>): Promise<T> {
    const tell = (outcome: string, seconds: number) => ended(question, outcome, seconds);
    return traces.span(`logs ${question}`, rangeOf(range), () =>
      timed(ask, tell, (error) => outcomeOf(error, range.signal)),
    );
  }

  /** Timed while the source is waited for: what the reader does with a line between is not its time. */
  function read(lines: AsyncIterable<LogLine>, range: Ask): AsyncIterator<LogLine> {
    const source = lines[Symbol.asyncIterator]();
    const span = traces.begin("logs lines", rangeOf(range));
    let seconds = 0;
    let count = 0;
    let isOver = false;
    const over = (outcome: string, error?: unknown) => {
      if (isOver) return;
      isOver = true;
      metrics.count("loghunter_log_lines_total", {}, count);
      ended("lines", outcome, seconds);
      span.say({ lines: count });
      span.end(error);
    };
    return {
      async next() {
        const fromMs = performance.now();
        try {
          const next = await source.next();
          if (next.done !== true) count++;
          seconds += secondsSince(fromMs);
          if (next.done === true) over("done");
          return next;
        } catch (error) {
          seconds += secondsSince(fromMs);
          over(outcomeOf(error, range.signal), error);
          throw error;
        }
      },
      async return(value?: unknown) {
        over("done");
        await source.return?.();
        return { done: true, value };
      },
    };
  }

  return {
    ...(logs.recording !== undefined && { recording: logs.recording }),
    lines: (org, query) => ({ [Symbol.asyncIterator]: () => read(logs.lines(org, query), query) }),
    counts: (org, query) => asked("counts", query, () => logs.counts(org, query)),
    services: (org, range) => asked("services", range, () => logs.services(org, range)),
    namespaces: (org, range) => asked("namespaces", range, () => logs.namespaces(org, range)),
    health: (org) => logs.health(org),
    linkTo: (org, query) => logs.linkTo(org, query),
  };
}

function rangeOf({ fromMs, toMs }: Ask) {
  return { range_seconds: Math.round((toMs - fromMs) / 1_000) };
}

function outcomeOf(error: unknown, signal: AbortSignal | undefined): string {
  if (signal?.aborted === true) return "given up";
  return error instanceof UserError && error.cause === undefined ? "refused" : "failed";
}
