import { UserError } from "../errors.ts";
import type { LogSource } from "./source.ts";

/**
 * The same source, of which every question is given up after so long: a person waits for a command, and a query
 * over everything must not hold the process for an hour.
 * @param ending aborted where the process ends: then everything is given up at once, and whoever waits can still be told
 */
export function withTimeLimit(logs: LogSource, limitMs: number, ending?: AbortSignal): LogSource {
  const within = async <T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const limit = startLimit(limitMs, ending);
    try {
      return await ask(limit.signal);
    } catch (error) {
      throw limit.explain(error);
    } finally {
      limit.over();
    }
  };
  return {
    ...(logs.recording !== undefined && { recording: logs.recording }),
    async *lines(org, query) {
      const limit = startLimit(limitMs, ending);
      try {
        yield* logs.lines(org, { ...query, signal: limit.signal });
      } catch (error) {
        throw limit.explain(error);
      } finally {
        limit.over();
      }
    },
    counts: (org, query) => within((signal) => logs.counts(org, { ...query, signal })),
    services: (org, range) => within((signal) => logs.services(org, { ...range, signal })),
    namespaces: (org, range) => within((signal) => logs.namespaces(org, { ...range, signal })),
    health: (org) => logs.health(org),
    linkTo: (org, query) => logs.linkTo(org, query),
  };
}

/** Not by AbortSignal.any: what is made of a signal that stays is kept as long as that one (Node 20). */
function startLimit(limitMs: number, ending: AbortSignal | undefined) {
  const controller = new AbortController();
  const end = () => controller.abort();
  const timer = setTimeout(end, limitMs).unref();
  if (ending?.aborted) end();
  ending?.addEventListener("abort", end);
  return {
    signal: controller.signal,
    explain(error: unknown): unknown {
      if (!controller.signal.aborted) return error;
      return ending?.aborted ? new UserError(ENDS, { cause: error }) : tookTooLong(limitMs, error);
    },
    over() {
      clearTimeout(timer);
      ending?.removeEventListener("abort", end);
    },
  };
}

const ENDS =
  "LogHunter is just being restarted, and the logs took too long for it to wait. Ask again in a minute.";

function tookTooLong(limitMs: number, cause: unknown): UserError {
  return new UserError(
    `Reading the logs took longer than ${Math.round(limitMs / 1_000)} s and was given up. Ask for a shorter time (since:15m), or for one service; right after the start large log files are still being read, so try again in a minute.`,
    { cause },
  );
}
