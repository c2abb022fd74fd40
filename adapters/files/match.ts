import type { Stream } from "../../src/logs/logql/labels.ts";
import { matchOfQuery, type QueryMatch } from "../../src/logs/logql/match.ts";
import type { LineQuery, LogLine } from "../../src/logs/source.ts";
import type { Block } from "./blocks.ts";
import type { SeriesTable } from "./series.ts";

/** What a query asks of a line, in the form blocks and lines are held against. */
export interface Match {
  /** Whole milliseconds, half-open. */
  fromMs: number;
  toMs: number;
  fromNs: bigint;
  toNs: bigint;
  accepts(series: number): boolean;
  /** Whether a line of such a series is asked for, by what it says. */
  holds(line: LogLine): boolean;
}

export type Asked = Omit<LineQuery, "order" | "limit">;

/** No time is further from 1970 (the limits of Date), so that "all there is" can be asked with infinities. */
const FURTHEST_MS = 8.64e15;

/** @throws UserError where a log query asks for what only Loki knows */
export function matchOf(asked: Asked, table: SeriesTable): Match {
  const fromMs = wholeMs(asked.fromMs);
  const toMs = wholeMs(asked.toMs);
  const { stream, line } = asked.logql ? matchOfQuery(asked.logql) : plainMatch(asked);
  const verdicts: (boolean | undefined)[] = [];
  return {
    fromMs,
    toMs,
    fromNs: BigInt(fromMs) * 1_000_000n,
    toNs: BigInt(toMs) * 1_000_000n,
    accepts(series) {
      verdicts[series] ??= stream(table.at(series));
      return verdicts[series];
    },
    holds: line,
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

function plainMatch(asked: Asked): QueryMatch {
  const contains = (asked.contains ?? []).map((text) => text.toLowerCase());
  return {
    stream: (stream) => isAsked(stream, asked),
    line: ({ text }) => containsAll(text, contains),
  };
}

function isAsked(series: Stream, { services, namespace, levels }: Asked): boolean {
  if (services && !services.includes(series.service)) return false;
  if (namespace !== undefined && series.namespace !== namespace) return false;
  return levels === undefined || (series.level !== undefined && levels.includes(series.level));
}

function containsAll(text: string, wanted: readonly string[]): boolean {
  if (wanted.length === 0) return true;
  const lower = text.toLowerCase();
  return wanted.every((one) => lower.includes(one));
}

function wholeMs(ms: number): number {
  if (Number.isNaN(ms)) throw new RangeError("a time is not a number");
  return Math.floor(Math.min(FURTHEST_MS, Math.max(-FURTHEST_MS, ms)));
}
