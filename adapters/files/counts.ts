import type { Ask } from "../../src/logs/source.ts";
import type { Block } from "./blocks.ts";
import type { EntryTable } from "./entryTables.ts";
import { matching } from "./hits.ts";
import { type Match, mayHold } from "./match.ts";
import type { Part } from "./merge.ts";

const MINUTE_MS = 60_000;
/** So long at most before other work gets its turn. */
const TURN_MS = 10;

/**
 * Counts lines by series and step. The index answers for every minute that lies in one bucket; a block
 * with a minute that the edge of a bucket cuts is read, and only such a block.
 */
export async function countLines(
  parts: readonly Part[],
  { fromMs, toMs, stepMs, signal }: Ask & { stepMs: number },
  entriesOf: (part: Part, block: Block) => Promise<EntryTable | undefined>,
): Promise<Map<number, number[]>> {
  const buckets = Math.max(0, Math.ceil((toMs - fromMs) / stepMs));
  const counts = new Map<number, number[]>();
  function add(series: number, atMs: number, lines: number): void {
    const row = counts.get(series) ?? new Array<number>(buckets).fill(0);
    counts.set(series, row);
    const bucket = Math.floor((atMs - fromMs) / stepMs);
    row[bucket] = (row[bucket] ?? 0) + lines;
  }

  let turnEndsAt = performance.now() + TURN_MS;
  for (const part of parts) {
    for (const block of part.blocks) {
      if (performance.now() > turnEndsAt) {
        await new Promise(setImmediate);
        signal?.throwIfAborted();
        turnEndsAt = performance.now() + TURN_MS;
      }
      if (!mayHold(block, part.match)) continue;
      const known = minutesOf(block, part.match);
      if (known.every(({ firstMs, lastMs }) => isInOne(firstMs, lastMs))) {
        for (const { series, firstMs, lines } of known) add(series, firstMs, lines);
      } else {
        const entries = await entriesOf(part, block);
        for (const index of entries ? matching(entries, part.match) : []) {
          const sinceNs = (entries?.atNs[index] ?? 0n) - part.match.fromNs;
          const sinceMs = Number(sinceNs / 1_000_000n) + partOfMs(sinceNs, stepMs);
          add(entries?.series[index] ?? 0, fromMs + sinceMs, 1);
        }
      }
    }
  }
  return counts;

  function isInOne(firstMs: number, lastMs: number): boolean {
    const last = lastMs + partOfMs(999_999n, stepMs);
    return Math.floor((firstMs - fromMs) / stepMs) === Math.floor((last - fromMs) / stepMs);
  }
}

/** Below a millisecond a time decides only where steps are no whole milliseconds; elsewhere it would only round. */
function partOfMs(ns: bigint, stepMs: number): number {
  return Number.isInteger(stepMs) ? 0 : Number(ns % 1_000_000n) / 1e6;
}

/**
 * The block's lines that match by minutes, with the first and last millisecond that they can be in. A
 * minute cut by an edge of the range gets an impossible span, which no bucket holds.
 */
function minutesOf(
  block: Block,
  match: Match,
): { series: number; lines: number; firstMs: number; lastMs: number }[] {
  const blockFirstMs = floorMs(block.firstNs);
  const blockLastMs = floorMs(block.lastNs);
  const minutes: { series: number; lines: number; firstMs: number; lastMs: number }[] = [];
  const { cells } = block;
  for (let cell = 0; cell < cells.length; cell += 3) {
    const minuteMs = (cells[cell] ?? 0) * MINUTE_MS;
    const firstMs = Math.max(minuteMs, blockFirstMs);
    const lastMs = Math.min(minuteMs + MINUTE_MS - 1, blockLastMs);
    const series = cells[cell + 1] ?? 0;
    if (lastMs < match.fromMs || firstMs >= match.toMs || !match.accepts(series)) continue;
    const isCut = firstMs < match.fromMs || lastMs >= match.toMs;
    minutes.push({
      series,
      lines: cells[cell + 2] ?? 0,
      firstMs: isCut ? Number.NEGATIVE_INFINITY : firstMs,
      lastMs,
    });
  }
  return minutes;
}

function floorMs(ns: bigint): number {
  return Number(ns / 1_000_000n) - (ns < 0n && ns % 1_000_000n !== 0n ? 1 : 0);
}
