import type { LineQuery, LogLine } from "../../src/logs/source.ts";
import type { Block } from "./blocks.ts";
import type { Hit } from "./hits.ts";
import type { LogFile } from "./logFile.ts";
import { type Match, mayHold } from "./match.ts";

/** The lines of one file, as a query found it when it began. */
export interface Part {
  file: LogFile;
  blocks: readonly Block[];
  match: Match;
}

/** Lines held at once, over all open blocks. Two blocks a file are usual, some 2,000 lines each. */
const MOST_HELD = 50_000;
/** A block gives at least so many at a time, however many are open: each time it is read again. */
const FEWEST_TAKEN = 64;

/**
 * Merges blocks into one order of time. A block stands in the heap under the best time it can hold and is
 * read only when no line before that is left, so a file in order has one or two blocks open, and any
 * disorder between and within blocks comes out right.
 */
export async function* mergeLines(
  parts: readonly Part[],
  { order, limit, signal }: Pick<LineQuery, "order" | "limit" | "signal">,
  readHits: (part: Part, block: Block) => Promise<Hit[]>,
): AsyncGenerator<LogLine> {
  if (limit <= 0) return;
  const direction = order === "oldest first" ? 1 : -1;
  const heap = new RunHeap(direction);
  for (const part of parts) {
    for (const block of part.blocks) {
      if (!mayHold(block, part.match)) continue;
      heap.add({ part, block, atNs: direction === 1 ? block.firstNs : block.lastNs, hits: [], more: true });
    }
  }

  let left = limit;
  let held = 0;
  for (let run = heap.take(); run !== undefined; run = heap.take()) {
    const hit = run.hits.pop();
    signal?.throwIfAborted();
    if (hit !== undefined) {
      left--;
      held--;
      yield hit.line;
      if (left === 0) return;
      run.after = hit;
    }
    if (run.hits.length === 0 && run.more) {
      const room = Math.max(FEWEST_TAKEN, Math.min(left, MOST_HELD - held));
      fill(run, await readHits(run.part, run.block), direction, room);
      held += run.hits.length;
    }
    const next = run.hits.at(-1);
    if (next === undefined) continue;
    run.atNs = next.line.atNs;
    heap.add(run);
  }
}

/** A block on its way through the merge. */
interface Run {
  part: Part;
  block: Block;
  /** What it stands under: the time of its next line, or before it is read the best it can hold. */
  atNs: bigint;
  /** Lines read, the next one last. */
  hits: Hit[];
  /** Whether reading the block again would give more. */
  more: boolean;
  /** The last line given. */
  after?: Hit;
}

function fill(run: Run, found: Hit[], direction: number, room: number): void {
  const inOrder = (a: Hit, b: Hit) => direction * compareHits(a, b);
  const { after } = run;
  const rest = after ? found.filter((hit) => inOrder(after, hit) < 0) : found;
  rest.sort(inOrder);
  run.more = rest.length > room;
  run.hits = rest.slice(0, room).reverse();
}

function compareHits(a: Hit, b: Hit): number {
  if (a.line.atNs !== b.line.atNs) return a.line.atNs < b.line.atNs ? -1 : 1;
  return a.at - b.at;
}

/** A binary heap of runs, the next line's on top. */
class RunHeap {
  readonly #runs: Run[] = [];
  readonly #direction: number;

  constructor(direction: number) {
    this.#direction = direction;
  }

  add(run: Run): void {
    const runs = this.#runs;
    let at = runs.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = runs[parent];
      if (above === undefined || !this.#isBefore(run, above)) break;
      runs[at] = above;
      at = parent;
    }
    runs[at] = run;
  }

  take(): Run | undefined {
    const runs = this.#runs;
    const top = runs[0];
    const last = runs.pop();
    if (last === undefined || runs.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [runs[child], runs[child + 1]];
      if (left && right && this.#isBefore(right, left)) child++;
      const below = runs[child];
      if (below === undefined || !this.#isBefore(below, last)) break;
      runs[at] = below;
      at = child;
    }
    runs[at] = last;
    return top;
  }

  #isBefore(a: Run, b: Run): boolean {
    if (a.atNs !== b.atNs) return a.atNs < b.atNs === (this.#direction === 1);
    // A block not read yet may hold a line of just this time that stands before the other's.
    const aHit = a.hits.at(-1);
    const bHit = b.hits.at(-1);
    if (!aHit || !bHit) return !aHit && bHit !== undefined;
    const byPlace = a.part.file.order - b.part.file.order || aHit.at - bHit.at;
    return byPlace * this.#direction < 0;
  }
}
