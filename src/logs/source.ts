/**
 * Where log lines come from. The core knows only this port; `adapters/files` and `adapters/loki`
 * implement it, and one contract suite (`test/contract/logSource.ts`) holds them to it.
 */

import type { LogQuery } from "./logql/query.ts";

/** Severities from worst to least; `undefined` elsewhere means that a line does not say. */
export const LEVELS = ["FATAL", "CRITICAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"] as const;
export type Level = (typeof LEVELS)[number];

/** The levels that make clusters; the others are context. */
export const ERROR_LEVELS = ["FATAL", "CRITICAL", "ERROR", "WARN"] as const satisfies readonly Level[];
export type ErrorLevel = (typeof ERROR_LEVELS)[number];

/** Half-open: `fromMs` inclusive, `toMs` exclusive, both milliseconds since the epoch. */
export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** A range of time to read, until somebody waits no longer. */
export interface Ask extends TimeRange {
  /** Aborted: reading stops, and the signal's reason is thrown. */
  signal?: AbortSignal;
  /** Nothing from a cache. */
  fresh?: boolean;
  /** Nothing of what is only partly known yet: a source that is still being read for the first time is waited for. */
  whole?: boolean;
}

/** One service as its tenant knows it. Namespace is `""` where the source has none. */
export interface ServiceRef {
  service: string;
  namespace: string;
}

export interface LogLine extends ServiceRef {
  /** Nanoseconds since the epoch. Loki's resolution; a `number` cannot hold it. */
  atNs: bigint;
  level: Level | undefined;
  /** The whole entry as written, possibly several physical lines (a stack trace). Not redacted. */
  text: string;
}

export interface LineQuery extends Ask {
  /** Only these services; absent means all. */
  services?: readonly string[];
  /** Only this namespace; absent means all. */
  namespace?: string;
  /** Only lines of these levels; absent means all, and lines without a level too. */
  levels?: readonly Level[];
  /** Every one of these texts must stand in the line, upper or lower case alike. */
  contains?: readonly string[];
  /** A log query of the person's own, instead of all conditions above but the times. */
  logql?: LogQuery;
  order: "newest first" | "oldest first";
  /** At most this many lines are yielded. */
  limit: number;
  /** Told what the reader should know of lines that could not be read, one sentence each. */
  onNote?(note: string): void;
}

export interface CountQuery extends Ask {
  stepMs: number;
  services?: readonly string[];
  namespace?: string;
  levels?: readonly Level[];
}

/** Lines per step of one service and level. Bucket i covers [fromMs + i·stepMs, fromMs + (i+1)·stepMs). */
export interface CountSeries extends ServiceRef {
  level: Level | undefined;
  fromMs: number;
  stepMs: number;
  /** One number a bucket, zero where nothing was logged. */
  counts: number[];
}

/** What `status` and `doctor` say about the source. */
export interface SourceHealth {
  ok: boolean;
  /** One sentence for people: what is read from where, or what is wrong and what to do. */
  summary: string;
  /** Things worth mending that do not stop the work, one sentence each (files that vanished, lines without a time…). */
  warnings: string[];
}

/** Of logs that are shown as if they were written now. */
export interface Recording {
  /** The organisation that sees them. */
  org: string;
  /** When the last line is shown, or was. */
  untilMs: number;
}

export interface LogSource {
  /** Absent of logs that go on. */
  readonly recording?: Recording;
  /**
   * Matching lines in time order, as an async iterator: the reader sets the pace, nothing is
   * buffered beyond a page, and leaving the loop early frees what was open.
   * @param org the tenant's log organisation (Loki's `X-Scope-OrgID`). An unknown one has no lines.
   * @throws UserError where the person can mend it; otherwise the cause.
   */
  lines(org: string, query: LineQuery): AsyncIterable<LogLine>;
  /** Line counts by service and level in one go. Buckets not yet over are counted so far. */
  counts(org: string, query: CountQuery): Promise<CountSeries[]>;
  /** Services that logged anything in the range, by name. */
  services(org: string, range: Ask): Promise<ServiceRef[]>;
  /** Namespaces that logged anything in the range, by name; `""` is left out. */
  namespaces(org: string, range: Ask): Promise<string[]>;
  health(org: string): Promise<SourceHealth>;
  /** Address of a page that shows the same lines (Grafana Explore); undefined where there is none. Never throws. */
  linkTo(org: string, query: LineQuery): Promise<string | undefined>;
}
