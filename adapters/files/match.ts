import type { Ask, Level } from "../../src/logs/source.ts";
import type { Block } from "./blocks.ts";
import type { Series, SeriesTable } from "./series.ts";

/** What a query asks of a line, in the form blocks and lines are held against. */
export interface Match {
  /** Whole milliseconds, half-open. */
  fromMs: number;
  toMs: number;
  fromNs: bigint;
  toNs: bigint;
  /** Lower case. */
  contains: readonly string[];
  accepts(series: number): boolean;
}

export interface Asked extends Ask {
  services?: readonly string[];
  namespace?: string;
  levels?: readonly Level[];
  contains?: readonly string[];
}

/** No time is further from 1970 (the limits of Date), so that "all there is" can be asked with infinities. */
const FURTHEST_MS = 8.64e15;

export function matchOf(asked: Asked, table: SeriesTable): Match {
  const fromMs = wholeMs(asked.fromMs);
  const toMs = wholeMs(asked.toMs);
  const verdicts: (boolean | undefined)[] = [];
  return {
    fromMs,
    toMs,
    fromNs: BigInt(fromMs) * 1_000_000n,
    toNs: BigInt(toMs) * 1_000_000n,
    contains: (asked.contains ?? []).map((text) => text.toLowerCase()),
    accepts(series) {
      verdicts[series] ??= isAsked(table.at(series), asked);
      return verdicts[series];
    },
  };
}

/** The same match, for lines that are shown only once their time has come. */
export function upTo(nowMs: number, match: Match): Match {
  const toMs = Math.min(match.toMs, wholeMs(nowMs) + 1);
  return { ...match, toMs, toNs: BigInt(toMs) * 1_000_000n };
}

/** Whether the block can hold a line that matches. Minutes at the edges are taken whole. */
export function mayHold(block: Block, match: Match): boolean {
  if (block.lines === 0 || block.lastNs < match.fromNs || block.firstNs >= match.toNs) return false;
  const { cells } = block;
  for (let cell = 0; cell < cells.length; cell += 3) {
    const minuteMs = (cells[cell] ?? 0) * 60_000;
    if (minuteMs + 60_000 <= match.fromMs || minuteMs >= match.toMs) continue;
    if (match.accepts(cells[cell + 1] ?? 0)) return true;
  }
  return false;
}

function isAsked(series: Series, { services, namespace, levels }: Asked): boolean {
  if (services && !services.includes(series.service)) return false;
  if (namespace !== undefined && series.namespace !== namespace) return false;
  return levels === undefined || (series.level !== undefined && levels.includes(series.level));
}

function wholeMs(ms: number): number {
  if (Number.isNaN(ms)) throw new RangeError("a time is not a number");
  return Math.floor(Math.min(FURTHEST_MS, Math.max(-FURTHEST_MS, ms)));
}
