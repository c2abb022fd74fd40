import type { CountQuery, CountSeries, LogSource } from "../../src/logs/source.ts";

/** What a service logs in the minute that begins then. */
export type Logged = (minuteMs: number) => { lines: number; errors: number };

export interface CountsSource extends LogSource {
  /** What was asked, in order. */
  asked: { fromMs: number; toMs: number }[];
  /** Thrown instead of an answer while it is set. */
  failure: Error | undefined;
}

const MINUTE_MS = 60_000;

/** Services known by what they log a minute, of one organisation: as much of a log source as a scan asks. */
export function createCountsSource(services: Readonly<Record<string, Logged>>): CountsSource {
  const source: CountsSource = {
    asked: [],
    failure: undefined,
    async *lines() {},
    async counts(_org, query: CountQuery) {
      source.asked.push({ fromMs: query.fromMs, toMs: query.toMs });
      if (source.failure !== undefined) throw source.failure;
      return Object.entries(services).flatMap(([service, logged]) => seriesOf(service, logged, query));
    },
    async services() {
      return Object.keys(services).map((service) => ({ service, namespace: "shop" }));
    },
    async namespaces() {
      return ["shop"];
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

function seriesOf(service: string, logged: Logged, { fromMs, toMs }: CountQuery): CountSeries[] {
  const minutes = Array.from({ length: (toMs - fromMs) / MINUTE_MS }, (_, at) =>
    logged(fromMs + at * MINUTE_MS),
  );
  const rows = [
    { level: "ERROR" as const, counts: minutes.map(({ errors }) => errors) },
    { level: "INFO" as const, counts: minutes.map(({ lines, errors }) => lines - errors) },
  ];
  return rows
    .filter(({ counts }) => counts.some((count) => count > 0))
    .map((row) => ({ service, namespace: "shop", fromMs, stepMs: MINUTE_MS, ...row }));
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
