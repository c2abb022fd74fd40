import type { Block } from "./blocks.ts";
import type { LogFile } from "./logFile.ts";

/** Lines of a file that lie in the future, and how far the furthest does. */
export interface Ahead {
  lines: number;
  furthestMs: number;
}

const MINUTE_MS = 60_000;
/** Clocks of two machines differ by so much without anything being wrong. */
const SLACK_MS = 5 * MINUTE_MS;

/**
 * What is dated later than the slack from now, up to the next whole minute: the index counts by minutes,
 * and so it is exact without reading a line. A recording that is replayed lies in the future by design.
 */
export function aheadIn({ blocks }: LogFile, nowMs: number): Ahead {
  const fromMs = Math.ceil((nowMs + SLACK_MS) / MINUTE_MS) * MINUTE_MS;
  const ahead = { lines: 0, furthestMs: 0 };
  for (const block of blocks) {
    const lastMs = Number(block.lastNs / 1_000_000n);
    if (block.lines === 0 || block.reading.replayedByMs !== undefined || lastMs < fromMs) continue;
    ahead.lines += linesFrom(block, fromMs / MINUTE_MS);
    ahead.furthestMs = Math.max(ahead.furthestMs, lastMs - nowMs);
  }
  return ahead;
}

function linesFrom({ cells }: Block, minute: number): number {
  let lines = 0;
  for (let cell = 0; cell < cells.length; cell += 3) {
    if ((cells[cell] ?? 0) >= minute) lines += cells[cell + 2] ?? 0;
  }
  return lines;
}

/** "40 min", "9 h 58 min", "3 days": to the minute where a wrong zone can be told by it. */
export function lengthOf(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.round(minutes / 1_440).toLocaleString("en")} days`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
