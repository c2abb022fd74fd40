import { beginsAsFailure, type Failure, failureOf } from "./parse/failure.ts";
import { slotsOf } from "./parse/fieldNames.ts";
import { type Fields, fieldsOf, type Wanted } from "./parse/fields.ts";
import type { Clock } from "./parse/instant.ts";
import { jsonObject } from "./parse/json.ts";
import { logfmtSlots, otherPairs } from "./parse/logfmt.ts";
import { prefixOf } from "./parse/prefix.ts";
import { fieldTime } from "./parse/time.ts";
import { withoutAnsi } from "./redaction/clean.ts";
import type { Level } from "./source.ts";

/** When an entry was written, how bad it is, and whose it is. */
export interface Placing {
  /** Nanoseconds since the epoch, where the line says when. */
  atNs: bigint | undefined;
  /** The zone its time names, where that is not known: the time was read as if it named none. */
  unknownZone: string | undefined;
  /** Where the line says it, or begins as an uncaught error does. Never guessed from a word within a sentence. */
  level: Level | undefined;
  service: string | undefined;
  namespace: string | undefined;
}

/** What an entry tells of. */
export interface Telling {
  /** Programs' own formats (PostgreSQL, Redis, nginx, Log4j, Python…) are plain; pino, bunyan, zap and slog are JSON or logfmt. */
  format: "json" | "logfmt" | "klog" | "syslog" | "plain";
  /** The human part: without time, level, process and logger; with the error's message where that is a field of its own. */
  message: string;
  /** `TypeError`, `java.sql.SQLException`, `ECONNREFUSED`, `SQLSTATE 23505`… where it can be told. */
  errorClass: string | undefined;
  /** The stack without the message, where there is one. */
  stack: string | undefined;
}

export interface ParsedLine extends Placing, Telling {}

/**
 * What an entry says of itself. Pure, linear in the entry's length, and never throws.
 * @param text an entry of one or several physical lines
 * @param clock stamps without a zone are read at `offsetMinutes` east of UTC (without a clock: UTC), stamps without a
 * year as the latest that is not after `nearMs` and a day (without a clock: no time)
 */
export function parseLine(text: string, clock?: Clock): ParsedLine {
  return parsed(withoutAnsi(text), { clock, placing: true, telling: true }, 0);
}

/** What it tells of, without its place: for those who know when it was written, and whose it is. */
export function tellLine(text: string): Telling {
  return parsed(withoutAnsi(text), TELLING, 0);
}

/** Its place without what it tells of, for those who have many entries to place. */
export function placeLine(text: string, clock?: Clock): Placing {
  return text.length < SHORTEST_SAYING
    ? NOTHING
    : parsed(withoutAnsi(text), { clock, placing: true, telling: false }, 0);
}

/** No time, no word for a level and no pair is shorter: `a=1`, `ERR`. */
const SHORTEST_SAYING = 3;
const NOTHING: Placing = {
  atNs: undefined,
  unknownZone: undefined,
  level: undefined,
  service: undefined,
  namespace: undefined,
};

/** How an entry is to be read. */
interface Manner extends Wanted {
  clock: Clock | undefined;
}

const TELLING: Manner = { clock: undefined, placing: false, telling: true };

/** What stands for a message that was not asked for. */
const UNTOLD: Failure = { message: "", errorClass: undefined, stack: undefined };

/** A log shipper may have wrapped a line once or twice. */
const DEEPEST = 2;

function parsed(text: string, manner: Manner, depth: number): ParsedLine {
  const record = jsonObject(text);
  if (record !== undefined) {
    const wrapped = depth < DEEPEST ? unwrapped(record, manner, depth) : undefined;
    return wrapped ?? structured("json", fieldsOf(slotsOf(record), manner.clock, manner), text);
  }
  const newline = text.indexOf("\n");
  const head = newline < 0 ? text : text.slice(0, newline);
  const slots = logfmtSlots(head);
  if (slots === undefined) return plainLine(text, manner, depth);
  const fields = fieldsOf(slots, manner.clock, manner);
  if (manner.telling) fields.message ??= otherPairs(head);
  return structured("logfmt", fields, text, newline < 0 ? undefined : text.slice(newline + 1));
}

/** Docker's json-file: {"log":"…","stream":"stderr","time":"…"} */
function unwrapped(
  record: Readonly<Record<string, unknown>>,
  manner: Manner,
  depth: number,
): ParsedLine | undefined {
  if (typeof record.log !== "string" || typeof record.stream !== "string") return undefined;
  const inner = parsed(record.log.trimEnd(), manner, depth + 1);
  if (!manner.placing || inner.atNs !== undefined) return inner;
  return { ...inner, ...timeOf(fieldTime(record.time, manner.clock)) };
}

function structured(format: "json" | "logfmt", fields: Fields, text: string, rest?: string): ParsedLine {
  const { atNs, unknownZone, level, service, namespace } = fields;
  // No spreading here: it took a seventh of all parsing.
  if (fields.message === undefined) {
    return {
      format,
      atNs,
      unknownZone,
      level,
      service,
      namespace,
      message: text,
      errorClass: fields.errorClass,
      stack: fields.stack,
    };
  }
  const failure = failureOf(rest === undefined ? fields.message : `${fields.message}\n${rest}`);
  return {
    format,
    atNs,
    unknownZone,
    level,
    service,
    namespace,
    message: failure.message,
    errorClass: fields.errorClass ?? failure.errorClass,
    stack: fields.stack ?? failure.stack,
  };
}

function plainLine(text: string, manner: Manner, depth: number): ParsedLine {
  const newline = text.indexOf("\n");
  const prefix = prefixOf(newline < 0 ? text : text.slice(0, newline), manner.clock);
  const { format, level, service, end } = prefix;
  const body = text.slice(end);
  if (depth < DEEPEST && end > 0 && /^\s{0,8}(?:\{"|[A-Za-z_]{1,20}=)/.test(body)) {
    const inner = parsed(body.trim(), manner, depth + 1);
    if (inner.format === "json" || inner.format === "logfmt") {
      return {
        ...inner,
        ...timeOf(inner.atNs === undefined ? prefix : inner),
        level: inner.level ?? level,
        service: inner.service ?? service,
      };
    }
  }
  const message = /\S/.test(body) ? withoutIndent(body) : text;
  const { errorClass, message: told, stack } = toldOf(message, manner, level);
  const failed = manner.placing && level === undefined && (beginsAsFailure(message) || beginsAsFailure(told));
  return {
    format,
    atNs: prefix.atNs,
    unknownZone: prefix.unknownZone,
    level: failed ? "ERROR" : level,
    service,
    namespace: undefined,
    message: told,
    errorClass,
    stack,
  };
}

function withoutIndent(text: string): string {
  return text.charCodeAt(0) > 32 && text.charCodeAt(0) < 128 ? text : text.replace(/^\s{1,200}/, "");
}

/** What it tells of, where that was asked for or can say that it is an error. */
function toldOf(message: string, { telling }: Manner, level: Level | undefined): Failure {
  const maySayMore = level === undefined && message.includes("\n");
  return telling || maySayMore ? failureOf(message) : UNTOLD;
}

type Time = Pick<ParsedLine, "atNs" | "unknownZone">;

function timeOf(read: Partial<Time> | undefined): Time {
  return { atNs: read?.atNs, unknownZone: read?.unknownZone };
}
