import { setImmediate as othersFirst } from "node:timers/promises";
import type { LineQuery, LogLine } from "../../src/logs/source.ts";
import type { Entry } from "./answers.ts";
import { levelOfEntry } from "./levels.ts";
import { type PageParts, readPages } from "./pages.ts";
import { acceptsLevel, LONGEST_LINE, pipelinesOf } from "./parts.ts";
import type { Shape } from "./shape.ts";

const HOUR_MS = 3_600_000;

/**
 * The lines of a query, slice by slice of at most an hour on the hour grid, from the end asked for. Loki splits a
 * wider query into hours that run at once, and cancels the rest when it has enough, after which the next query
 * stalls for seconds. While the last page of a slice is worked on, the next slice is already asked for.
 * @param busy whether anything can be in an hour, where that is known
 */
export async function* readLines(
  query: LineQuery,
  shape: Shape,
  parts: PageParts,
  busy: (hourMs: number) => boolean,
): AsyncGenerator<LogLine> {
  const slices = slicesOf(query, shape, busy);
  let left = query.limit;
  const begin = (wanted: number) => {
    const slice = slices.next();
    return slice.done === true ? undefined : beginSlice(slice.value, wanted, query, shape, parts);
  };

  let current = begin(left);
  let ahead: SliceReading | undefined;
  try {
    while (current !== undefined) {
      const reading: SliceReading = current;
      void reading.lastPages.then((entries) => {
        if (current === reading && entries < left) ahead ??= begin(left - entries);
      });
      let isSent = false;
      for (let next = await reading.first; next.done !== true; next = await reading.entries.next()) {
        if (ahead !== undefined && !isSent) {
          // Whoever takes lines without a pause would keep the query from being sent.
          await othersFirst();
          isSent = true;
        }
        const line = lineOf(next.value, shape);
        if (!accepts(line, query)) continue;
        yield line;
        left--;
        if (left === 0) return;
      }
      current = ahead ?? begin(left);
      ahead = undefined;
    }
  } finally {
    // Not waited for: a query may be under way that nobody wants any more.
    for (const reading of [current, ahead]) reading?.entries.return(undefined).catch(() => undefined);
    current = undefined;
  }
}

interface SliceReading {
  /** The first entry, already asked for; the others follow in `entries`. */
  first: Promise<IteratorResult<Entry>>;
  entries: AsyncGenerator<Entry>;
  /** Once all of its queries are answered: how many entries the last pages hold. */
  lastPages: Promise<number>;
}

function beginSlice(
  slice: Slice,
  wanted: number,
  query: LineQuery,
  shape: Shape,
  parts: PageParts,
): SliceReading {
  const span = { fromNs: nsOf(slice.fromMs), toNs: nsOf(slice.toMs) };
  const pipelines = pipelinesOf(query, shape);
  const runs: AsyncGenerator<Entry>[] = [];
  const lastPages = pipelines.map(
    (pipeline) =>
      new Promise<number>((resolve) => {
        runs.push(readPages(pipeline, span, query.order, wanted, { ...parts, onLastPage: resolve }));
      }),
  );
  const entries = merged(runs, query.order);
  const first = entries.next();
  first.catch(() => undefined);
  const sum = Promise.all(lastPages).then((counts) => counts.reduce((a, b) => a + b, 0));
  return { first, entries, lastPages: sum };
}

interface Slice {
  fromMs: number;
  toMs: number;
}

function* slicesOf(
  { fromMs, toMs, order }: LineQuery,
  { maxRangeMs }: Shape,
  busy: (hourMs: number) => boolean,
): Generator<Slice> {
  const lengthMs = maxRangeMs > 0 ? Math.min(HOUR_MS, maxRangeMs) : HOUR_MS;
  const first = Math.floor(fromMs / lengthMs);
  const last = Math.ceil(toMs / lengthMs) - 1;
  for (let i = 0; i <= last - first; i++) {
    const nth = order === "oldest first" ? first + i : last - i;
    const slice = { fromMs: Math.max(fromMs, nth * lengthMs), toMs: Math.min(toMs, (nth + 1) * lengthMs) };
    if (busy(Math.floor(slice.fromMs / HOUR_MS) * HOUR_MS)) yield slice;
  }
}

export function nsOf(ms: number): bigint {
  return BigInt(Math.floor(ms)) * 1_000_000n;
}

export function lineOf(entry: Entry, shape: Shape): LogLine {
  const { labels, metadata, atNs, text } = entry;
  return {
    atNs,
    level: levelOfEntry(entry, shape),
    service: labels[shape.service] ?? metadata[shape.service] ?? "",
    namespace: shape.namespace === undefined ? "" : (labels[shape.namespace] ?? ""),
    text,
  };
}

/** A part brings lines whose text only may say the level, and RE2 folds some letters that JavaScript does not. */
function accepts(line: LogLine, { levels, contains, logql }: LineQuery): boolean {
  if (logql !== undefined) return true;
  if (!acceptsLevel(line.level, levels)) return false;
  if (contains === undefined || contains.length === 0) return true;
  // Of one that came cut Loki has looked at all of it.
  if (Buffer.byteLength(line.text) >= LONGEST_LINE) return true;
  const lower = line.text.toLowerCase();
  return contains.every((text) => lower.includes(text.toLowerCase()));
}

/** Several runs in one order of time. */
async function* merged(
  runs: readonly AsyncGenerator<Entry>[],
  order: LineQuery["order"],
): AsyncGenerator<Entry> {
  const [only] = runs;
  if (runs.length === 1 && only !== undefined) {
    yield* only;
    return;
  }
  try {
    const heads = await Promise.all(runs.map((run) => run.next()));
    for (;;) {
      let best = -1;
      for (const [i, head] of heads.entries()) {
        if (head.done === true) continue;
        const chosen = heads[best];
        if (chosen === undefined || chosen.done === true || isBefore(head.value, chosen.value, order))
          best = i;
      }
      const head = heads[best];
      if (head === undefined || head.done === true) return;
      yield head.value;
      heads[best] = await (runs[best] as AsyncGenerator<Entry>).next();
    }
  } finally {
    await Promise.all(runs.map((run) => run.return(undefined)));
  }
}

function isBefore(a: Entry, b: Entry, order: LineQuery["order"]): boolean {
  return order === "oldest first" ? a.atNs < b.atNs : a.atNs > b.atNs;
}
