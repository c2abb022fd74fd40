import type {
  CountQuery,
  CountSeries,
  LogLine,
  LogSource,
  ServiceRef,
  TimeRange,
} from "../../src/logs/source.ts";

/** What a service logs in the minute that begins then. */
export type Logged = (minuteMs: number) => { lines: number; errors: number };

export interface CountsSource extends LogSource {
  /** What was asked, in order. */
  asked: { fromMs: number; toMs: number }[];
  /** Thrown instead of counts, or of lines, while it is set. */
  failure: Error | undefined;
  lineFailure: Error | undefined;
  /** A minute that it cannot count. */
  uncountableMs: number | undefined;
  /** What an organisation's counts wait for. */
  holdUp: ((org: string) => Promise<unknown> | undefined) | undefined;
}

const MINUTE_MS = 60_000;

/** Services known by what they log a minute, of one organisation: as much of a log source as a scan asks. */
export function createCountsSource(
  services: Readonly<Record<string, Logged>>,
  namespaceOf: (service: string) => string = () => "shop",
): CountsSource {
  const source: CountsSource = {
    asked: [],
    failure: undefined,
    lineFailure: undefined,
    uncountableMs: undefined,
    holdUp: undefined,
    async *lines(_org, query) {
      if (source.lineFailure !== undefined) throw source.lineFailure;
      // Each error as a line of its own, in either order.
      const found = Object.entries(services).flatMap(([service, logged]) =>
        query.services?.includes(service) === false
          ? []
          : linesOf({ service, namespace: namespaceOf(service) }, logged, query),
      );
      found.sort((a, b) => (a.atNs < b.atNs ? -1 : 1));
      if (query.order === "newest first") found.reverse();
      yield* found.slice(0, query.limit);
    },
    async counts(org, query: CountQuery) {
      source.asked.push({ fromMs: query.fromMs, toMs: query.toMs });
      await source.holdUp?.(org);
      if (source.failure !== undefined) throw source.failure;
      const bad = source.uncountableMs ?? Number.NaN;
      if (bad >= query.fromMs && bad < query.toMs) throw new Error("too many lines to count");
      return Object.entries(services).flatMap(([service, logged]) =>
        seriesOf({ service, namespace: namespaceOf(service) }, logged, query),
      );
    },
    async services() {
      return Object.keys(services).map((service) => ({ service, namespace: namespaceOf(service) }));
    },
    async namespaces() {
      return [...new Set(Object.keys(services).map(namespaceOf))];
    },
    async health() {
      return { ok: true, summary: "counts of a test", warnings: [] };
    },
    async linkTo() {
      return undefined;
    },
  };
  return source;
}

export function seriesOf(ref: ServiceRef, logged: Logged, { fromMs, toMs }: CountQuery): CountSeries[] {
  const minutes = Array.from({ length: (toMs - fromMs) / MINUTE_MS }, (_, at) =>
    logged(fromMs + at * MINUTE_MS),
  );
  const rows = [
    { level: "ERROR" as const, counts: minutes.map(({ errors }) => errors) },
    { level: "INFO" as const, counts: minutes.map(({ lines, errors }) => lines - errors) },
  ];
  return rows
    .filter(({ counts }) => counts.some((count) => count > 0))
    .map((row) => ({ ...ref, fromMs, stepMs: MINUTE_MS, ...row }));
}

export function linesOf(ref: ServiceRef, logged: Logged, { fromMs, toMs }: TimeRange): LogLine[] {
  const lines: LogLine[] = [];
  for (let minuteMs = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS; minuteMs < toMs; minuteMs += MINUTE_MS) {
    const { errors } = logged(minuteMs);
    for (let i = 0; i < errors; i++) {
      const atMs = minuteMs + Math.floor((i * MINUTE_MS) / errors);
      const text = `order ${i} failed: ${ref.service}-db does not answer, password=hunter${i}2x`;
      if (atMs >= fromMs && atMs < toMs)
        lines.push({ ...ref, level: "ERROR", atNs: BigInt(atMs) * 1_000_000n, text });
    }
  }
  return lines;
}

/** Some lines a minute, and some errors: the same ones each time they are asked for. */
export function usual(seed: number, lines = 60, errors = 2): Logged {
  return (minuteMs) => {
    const failed = Math.round(2 * errors * noiseAt(minuteMs, seed));
    return { lines: Math.round(lines * (0.8 + 0.4 * noiseAt(minuteMs, seed + 1))) + failed, errors: failed };
  };
}

/** Something else from a time on to another. */
export function during(fromMs: number, toMs: number, then: Logged, otherwise: Logged): Logged {
  return (minuteMs) => (minuteMs >= fromMs && minuteMs < toMs ? then(minuteMs) : otherwise(minuteMs));
}

/** A number from 0 to 1 for a minute: the same one each time it is asked for. */
export function noiseAt(minuteMs: number, seed: number): number {
  let state = (Math.floor(minuteMs / MINUTE_MS) * 2_654_435_761 + seed * 40_503) >>> 0;
  state ^= state >>> 16;
  state = Math.imul(state, 0x45d9f3b) >>> 0;
  state ^= state >>> 16;
  state = Math.imul(state, 0x45d9f3b) >>> 0;
  return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32;
}
