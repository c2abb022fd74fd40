import fc from "fast-check";
import type { CountSeries, Level, LineQuery, LogLine, LogSource } from "../../src/logs/source.ts";
import { LEVELS } from "../../src/logs/source.ts";

export const MINUTE_MS = 60_000;
/** A whole minute, so that the edges of minutes are met. */
export const START_MS = Date.UTC(2026, 10, 24, 3, 0, 0);

interface LineParts extends Partial<Pick<LogLine, "service" | "namespace">> {
  level?: Level | undefined;
  message?: string;
  /** Below a millisecond. */
  extraNs?: bigint;
}

let written = 0;

/** A line that says everything itself, as JSON: where a source keeps service or level beside the text, they agree. */
export function logLine(
  atMs: number,
  { service = "checkout", namespace = "shop", level, message = "alpha", extraNs = 0n }: LineParts = {},
): LogLine {
  const atNs = BigInt(atMs) * 1_000_000n + extraNs;
  const time = `${new Date(atMs).toISOString().slice(0, 19)}.${String(atNs % 1_000_000_000n).padStart(9, "0")}Z`;
  const said = { time, ...(level && { level }), service, ...(namespace && { namespace }), msg: message };
  return { atNs, level, service, namespace, text: JSON.stringify({ ...said, n: ++written }) };
}

export async function collect(lines: AsyncIterable<LogLine>): Promise<LogLine[]> {
  const all: LogLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

export function includes(text: string, wanted: string): boolean {
  return text.toLowerCase().includes(wanted.toLowerCase());
}

type Named = Pick<CountSeries, "service" | "namespace" | "level">;

export function bySeries(a: Named, b: Named): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

function nameOf({ service, namespace, level }: Named): string {
  return JSON.stringify([service, namespace, level ?? null]);
}

const anyPart = fc.record({
  service: fc.constantFrom("checkout", "payments", "stock"),
  namespace: fc.constantFrom("", "shop", "lab"),
  level: fc.constantFrom<(Level | undefined)[]>(...LEVELS, undefined),
  message: fc.constantFrom("alpha", "Beta gamma", "beta", 'say "x" \\ .*'),
  extraNs: fc.bigInt({ min: 0n, max: 999_999n }),
});

/** Few distinct times, so that lines meet each other and the edges of steps. */
const anyMs = fc.oneof(
  fc.integer({ min: 0, max: 3 * MINUTE_MS }),
  fc.constantFrom(0, 999, 1_000, MINUTE_MS - 1, MINUTE_MS, MINUTE_MS + 1, 2 * MINUTE_MS),
);

/** When after START_MS, and what. */
export const anyLine = fc.tuple(anyMs, anyPart);

export const anyQuery = fc
  .record({
    span: fc.tuple(anyMs, anyMs),
    stepMs: fc.constantFrom(250, 1_000, 7_000, MINUTE_MS, 5 * MINUTE_MS),
    order: fc.constantFrom<LineQuery["order"][]>("newest first", "oldest first"),
    limit: fc.integer({ min: 1, max: 70 }),
    filter: fc.record(
      {
        services: fc.subarray(["checkout", "payments", "nobody"]),
        namespace: fc.constantFrom("", "shop", "lab", "nowhere"),
        levels: fc.subarray([...LEVELS]),
      },
      { requiredKeys: [] },
    ),
    contains: fc.subarray(["BETA", "gamma", "alpha", ".*"], { maxLength: 2 }),
  })
  .map(({ span: [one, other], filter, ...rest }) => ({
    ...rest,
    filter: { ...filter, fromMs: START_MS + Math.min(one, other), toMs: START_MS + Math.max(one, other) },
  }));

type AnyQuery = typeof anyQuery extends fc.Arbitrary<infer Query> ? Query : never;

/** What the source answers otherwise than a filter over all lines does; undefined where they agree. */
export async function disagreement(
  source: LogSource,
  org: string,
  all: readonly LogLine[],
  { filter, contains, order, limit, stepMs }: AnyQuery,
): Promise<unknown> {
  const inRange = all.filter(
    ({ atNs }) => atNs >= BigInt(filter.fromMs) * 1_000_000n && atNs < BigInt(filter.toMs) * 1_000_000n,
  );
  const counted = inRange.filter((line) => passes(line, filter));
  const wanted = counted.filter(({ text }) => contains.every((one) => includes(text, one)));

  const lines = await collect(source.lines(org, { ...filter, contains, order, limit }));
  const times = wanted.map(({ atNs }) => atNs).toSorted((a, b) => (a < b ? -1 : Number(a > b)));
  if (order === "newest first") times.reverse();
  // Which of several lines of one instant come first is the source's affair; that each comes once is not.
  if (
    !isSame(
      lines.map(({ atNs }) => atNs),
      times.slice(0, limit),
    )
  )
    return { lines, wanted };
  const texts = new Set(lines.map(({ text }) => text));
  if (texts.size !== lines.length || lines.some((line) => !wanted.some((one) => isSame(one, line)))) {
    return { lines, wanted };
  }

  const series = (await source.counts(org, { ...filter, stepMs })).filter(({ counts }) =>
    counts.some(Boolean),
  );
  const expected = countBy(counted, filter, stepMs);
  if (!isSame(series.toSorted(bySeries), expected)) return { series, expected };

  const places = [
    ...new Set(inRange.map(({ service, namespace }) => JSON.stringify({ service, namespace }))),
  ];
  const services = (await source.services(org, filter)).map((one) => JSON.stringify(one));
  if (!isSame(services.toSorted(), places.toSorted())) return { services, places };
  const names = new Set(inRange.map(({ namespace }) => namespace));
  names.delete("");
  const namespaces = await source.namespaces(org, filter);
  return isSame(namespaces, [...names].toSorted()) ? undefined : { namespaces, names };
}

function passes(line: LogLine, { services, namespace, levels }: AnyQuery["filter"]): boolean {
  return (
    (services === undefined || services.includes(line.service)) &&
    (namespace === undefined || line.namespace === namespace) &&
    (levels === undefined || (line.level !== undefined && levels.includes(line.level)))
  );
}

function countBy(
  lines: readonly LogLine[],
  { fromMs, toMs }: AnyQuery["filter"],
  stepMs: number,
): CountSeries[] {
  const rows = new Map<string, CountSeries>();
  for (const { service, namespace, level, atNs } of lines) {
    const name = nameOf({ service, namespace, level });
    const counts = rows.get(name)?.counts ?? new Array<number>(Math.ceil((toMs - fromMs) / stepMs)).fill(0);
    const step = Math.floor((Number(atNs / 1_000_000n) - fromMs) / stepMs);
    counts[step] = (counts[step] ?? 0) + 1;
    rows.set(name, { service, namespace, level, fromMs, stepMs, counts });
  }
  return [...rows.values()].toSorted(bySeries);
}

function isSame(a: unknown, b: unknown): boolean {
  return plain(a) === plain(b);
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_, one) => {
    if (typeof one === "bigint") return `${one}`;
    return one !== null && typeof one === "object" && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([x], [y]) => (x < y ? -1 : 1)))
      : one;
  });
}
