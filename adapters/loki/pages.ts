import type { LineQuery } from "../../src/logs/source.ts";
import { type Entry, entriesOf } from "./answers.ts";
import { LokiFailure } from "./failure.ts";
import type { LogPipeline } from "./parts.ts";

/** Half-open, nanoseconds since the epoch. */
export interface Span {
  fromNs: bigint;
  toNs: bigint;
}

export interface PageParts {
  /** One log query: the answer's JSON. */
  ask(query: LogPipeline, span: Span, order: LineQuery["order"], limit: number): Promise<unknown>;
  /** The same query for each single stream it meets in a span: for more lines of one instant than a page holds. */
  streamsOf(query: LogPipeline, span: Span): Promise<LogPipeline[]>;
  /** Entries that one query may return. */
  maxEntries: number;
  /** Some lines of one instant could not be read: there are more of them in one stream than a page holds. */
  onGap(atNs: bigint): void;
  /** The last page is here, and no query follows it: how many entries are still to come. */
  onLastPage?(entries: number): void;
}

/**
 * All entries of a query in a span, in order of time and each once, page by page. Loki has no cursor: the next page
 * begins with the instant the last one ended in, and what was seen of that instant is dropped. While a page is
 * worked on, the next one is already asked for.
 * @param wanted how many are likely to be taken: pages are no larger, and no page beyond them is asked for ahead
 */
export async function* readPages(
  query: LogPipeline,
  span: Span,
  order: LineQuery["order"],
  wanted: number,
  parts: PageParts,
): AsyncGenerator<Entry> {
  const isForward = order === "oldest first";
  const rest = { ...span };
  /** How far one query looks: less where Loki cannot answer for more. */
  let reachNs = span.toNs - span.fromNs;
  let seen = new Set<string>();

  const isEdge = (atNs: bigint) => atNs === (isForward ? rest.fromNs : rest.toNs - 1n);
  const moveTo = (ns: bigint) => {
    if (isForward) rest.fromNs = ns;
    else rest.toNs = ns;
  };
  async function askWithin(count: number): Promise<Page> {
    const asked = Math.min(parts.maxEntries, count + seen.size);
    for (;;) {
      const reached = { ...rest };
      // Not Math.min: it knows no bigint.
      const isFurther = rest.toNs - rest.fromNs > reachNs;
      if (isFurther && isForward) reached.toNs = rest.fromNs + reachNs;
      if (isFurther && !isForward) reached.fromNs = rest.toNs - reachNs;
      try {
        return pageOf(await parts.ask(query, reached, order, asked), reached, asked, order);
      } catch (error) {
        if (!(error instanceof LokiFailure && error.narrowerHelps) || reachNs <= LEAST_REACH_NS) throw error;
        reachNs /= 4n;
      }
    }
  }
  function askRest(count: number): Promise<Page> | undefined {
    if (rest.fromNs >= rest.toNs) return undefined;
    const page = askWithin(count);
    // Whoever leaves early does not wait for it.
    page.catch(() => undefined);
    return page;
  }

  let ahead = wanted;
  let next = askRest(wanted);
  while (next !== undefined) {
    const page: Page = await next;
    let fresh = page.entries.filter((entry) => !(isEdge(entry.atNs) && seen.has(keyOf(entry))));
    const last = page.entries.at(-1);
    if (last === undefined || !page.full) {
      moveTo(isForward ? page.span.toNs : page.span.fromNs);
      seen = new Set();
    } else if (isEdge(last.atNs) && page.entries.length >= parts.maxEntries) {
      // All of a page is one instant: the rest of it is read stream by stream, and then it is done with.
      const known = [...seen, ...fresh.map(keyOf)];
      fresh = [...fresh, ...(await readInstant(query, last.atNs, known, parts))];
      moveTo(isForward ? last.atNs + 1n : last.atNs);
      seen = new Set();
    } else {
      const ofLast = fresh.filter(({ atNs }) => atNs === last.atNs).map(keyOf);
      seen = new Set(isEdge(last.atNs) ? [...seen, ...ofLast] : ofLast);
      moveTo(isForward ? last.atNs : last.atNs + 1n);
    }
    ahead -= fresh.length;
    next = ahead > 0 ? askRest(ahead) : undefined;
    if (rest.fromNs >= rest.toNs) parts.onLastPage?.(fresh.length);
    yield* fresh;
    // Some of them were not what was wanted after all.
    next ??= askRest(wanted);
  }
}

/** A query over less than this that is too slow is too slow for another reason. */
const LEAST_REACH_NS = 60_000_000_000n;

interface Page {
  entries: Entry[];
  /** What was asked about. */
  span: Span;
  /** There may be more in it. */
  full: boolean;
}

function pageOf(answer: unknown, span: Span, asked: number, order: LineQuery["order"]): Page {
  const entries = entriesOf(answer);
  const sign = order === "oldest first" ? 1 : -1;
  // Streams come in no order. Lines of one instant get one too, so that the same question has the same answer.
  entries.sort((a, b) => sign * compare(a, b));
  return { entries, span, full: entries.length >= asked };
}

function compare(a: Entry, b: Entry): number {
  if (a.atNs !== b.atNs) return a.atNs < b.atNs ? -1 : 1;
  if (a.text === b.text) return 0;
  return a.text < b.text ? -1 : 1;
}

/** What stands in one instant beside what was seen of it. */
async function readInstant(
  query: LogPipeline,
  atNs: bigint,
  seenKeys: readonly string[],
  parts: PageParts,
): Promise<Entry[]> {
  const instant = { fromNs: atNs, toNs: atNs + 1n };
  const seen = new Set(seenKeys);
  const found: Entry[] = [];
  let isWhole = true;
  for (const ofStream of await parts.streamsOf(query, instant)) {
    const { entries, full } = pageOf(
      await parts.ask(ofStream, instant, "oldest first", parts.maxEntries),
      instant,
      parts.maxEntries,
      "oldest first",
    );
    isWhole &&= !full;
    for (const entry of entries) {
      const key = keyOf(entry);
      if (seen.has(key)) continue;
      seen.add(key);
      found.push(entry);
    }
  }
  if (!isWhole) parts.onGap(atNs);
  return found;
}

/** Loki stores a line of one stream and instant once, so these tell entries apart. */
function keyOf({ atNs, labels, text }: Entry): string {
  return `${atNs}\n${JSON.stringify(labels)}\n${text}`;
}
