import type { LogSource } from "../../src/logs/source.ts";
import { type Logged, linesOf, seriesOf, usual } from "../../test/support/countsSource.ts";

export interface KillLogsOptions {
  services: number;
  /** Nothing is odd before. */
  oddFromMs: number;
  /** Nothing is odd from then on. */
  calmFromMs(): number;
}

const MINUTE_MS = 60_000;
/** Between one incident and the next; of three services two are off in one and the same. */
const APART_MINUTES = 10;
/** Minutes of an incident: it begins, and grows while its first message is being sent. */
const ERRORS_A_MINUTE = [30, 40, 100, 100];

/**
 * Logs of any organisation, made up: what a service logs in a minute depends on the three of them alone, so that every
 * process reads the same, as often as it likes.
 */
export function createKillLogs({ services, oddFromMs, calmFromMs }: KillLogsOptions): LogSource {
  const of = (org: string): [string, Logged][] =>
    Array.from({ length: services }, (_, at) => [`${org}-${at}`, logged(org.length * 100 + at, at)]);

  function logged(seed: number, at: number): Logged {
    const ordinary = usual(seed, 40, 1);
    const isSecond = at % 3 === 1;
    const offset = incidentOf(at) * APART_MINUTES + (isSecond ? 1 : 0);
    const period = (incidentOf(services - 1) + 1) * APART_MINUTES;
    return (minuteMs) => {
      const counts = ordinary(minuteMs);
      if (minuteMs < oddFromMs || minuteMs >= calmFromMs()) return counts;
      const minute = Math.floor((minuteMs - oddFromMs) / MINUTE_MS) - offset;
      const errors = minute < 0 ? undefined : ERRORS_A_MINUTE[minute % period];
      return errors === undefined ? counts : { lines: counts.lines + errors, errors };
    };
  }

  /** 0 and 1, 2, 3 and 4, 5, … */
  function incidentOf(at: number): number {
    return 2 * Math.floor(at / 3) + (at % 3 === 2 ? 1 : 0);
  }

  const asked = (org: string, services: readonly string[] | undefined) =>
    of(org).filter(([service]) => services?.includes(service) !== false);

  return {
    async *lines(org, query) {
      const found = asked(org, query.services).flatMap(([service, each]) =>
        linesOf({ service, namespace: "shop" }, each, query),
      );
      found.sort((a, b) => (a.atNs < b.atNs ? -1 : 1));
      if (query.order === "newest first") found.reverse();
      yield* found.slice(0, query.limit);
    },
    counts: async (org, query) =>
      asked(org, query.services).flatMap(([service, each]) =>
        seriesOf({ service, namespace: "shop" }, each, query),
      ),
    services: async (org) => of(org).map(([service]) => ({ service, namespace: "shop" })),
    namespaces: async () => ["shop"],
    health: async () => ({ ok: true, summary: "made up", warnings: [] }),
    linkTo: async () => undefined,
  };
}
