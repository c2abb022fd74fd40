import { UserError } from "../errors.ts";
import type { LogSource } from "./source.ts";

/**
 * The same source, of which every question is given up after so long: a person waits for a command, and a query
 * over everything must not hold the process for an hour.
 */
export function withTimeLimit(logs: LogSource, limitMs: number): LogSource {
  const within = async <T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const signal = AbortSignal.timeout(limitMs);
    try {
      return await ask(signal);
    } catch (error) {
      throw signal.aborted ? tookTooLong(limitMs, error) : error;
    }
  };
  return {
    ...(logs.recording !== undefined && { recording: logs.recording }),
    async *lines(org, query) {
      const signal = AbortSignal.timeout(limitMs);
      try {
        yield* logs.lines(org, { ...query, signal });
      } catch (error) {
        throw signal.aborted ? tookTooLong(limitMs, error) : error;
      }
    },
    counts: (org, query) => within((signal) => logs.counts(org, { ...query, signal })),
    services: (org, range) => within((signal) => logs.services(org, { ...range, signal })),
    namespaces: (org, range) => within((signal) => logs.namespaces(org, { ...range, signal })),
    health: (org) => logs.health(org),
    linkTo: (org, query) => logs.linkTo(org, query),
  };
}

function tookTooLong(limitMs: number, cause: unknown): UserError {
  return new UserError(
    `Reading the logs took longer than ${Math.round(limitMs / 1_000)} s and was given up. Ask for a shorter time (since:15m), or for one service; right after the start large log files are still being read, so try again in a minute.`,
    { cause },
  );
}
