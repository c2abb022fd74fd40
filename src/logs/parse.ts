import { beginsAsFailure, failureOf } from "./parse/failure.ts";
import type { Fields } from "./parse/fields.ts";
import { jsonFields, jsonObject } from "./parse/json.ts";
import { logfmtFields } from "./parse/logfmt.ts";
import { prefixOf } from "./parse/prefix.ts";
import { type Clock, fieldTime } from "./parse/time.ts";
import { withoutAnsi } from "./redaction/clean.ts";
import type { Level } from "./source.ts";

export interface ParsedLine {
  /** Programs' own formats (PostgreSQL, Redis, nginx, Log4j, Python…) are plain; pino, bunyan, zap and slog are JSON or logfmt. */
  format: "json" | "logfmt" | "klog" | "syslog" | "plain";
  /** Nanoseconds since the epoch, where the line says when. */
  atNs: bigint | undefined;
  /** The zone its time names, where that is not known: the time was read as if it named none. */
  unknownZone: string | undefined;
  /** Where the line says it, or begins as an uncaught error does. Never guessed from a word within a sentence. */
  level: Level | undefined;
  service: string | undefined;
  namespace: string | undefined;
  /** The human part: without time, level, process and logger; with the error's message where that is a field of its own. */
  message: string;
  /** `TypeError`, `java.sql.SQLException`, `ECONNREFUSED`, `SQLSTATE 23505`… where it can be told. */
  errorClass: string | undefined;
  /** The stack without the message, where there is one. */
  stack: string | undefined;
}

/**
 * What an entry says of itself. Pure, linear in the entry's length, and never throws.
 * @param text an entry of one or several physical lines
 * @param clock stamps without a zone are read at `offsetMinutes` east of UTC (without a clock: UTC), stamps without a
 * year as the latest that is not after `nearMs` and a day (without a clock: no time)
 */
export function parseLine(text: string, clock?: Clock): ParsedLine {
  const plain = withoutAnsi(text);
  return parsed(plain, clock, 0);
}

/** A log shipper may have wrapped a line once or twice. */
const DEEPEST = 2;

function parsed(text: string, clock: Clock | undefined, depth: number): ParsedLine {
  const wrapped = depth < DEEPEST ? unwrapped(text, clock, depth) : undefined;
  if (wrapped !== undefined) return wrapped;
  const json = jsonFields(text, clock);
  if (json !== undefined) return structured("json", json, text);
  const newline = text.indexOf("\n");
  const head = newline < 0 ? text : text.slice(0, newline);
  const logfmt = logfmtFields(head, clock);
  if (logfmt !== undefined)
    return structured("logfmt", logfmt, text, newline < 0 ? undefined : text.slice(newline + 1));
  return plainLine(text, clock, depth);
}

/** Docker's json-file: {"log":"…","stream":"stderr","time":"…"} */
function unwrapped(text: string, clock: Clock | undefined, depth: number): ParsedLine | undefined {
  if (!text.startsWith("{") || !text.includes('"log"', 0)) return undefined;
  const record = jsonObject(text);
  if (typeof record?.log !== "string" || typeof record.stream !== "string") return undefined;
  const inner = parsed(record.log.trimEnd(), clock, depth + 1);
  return inner.atNs === undefined ? { ...inner, ...timeOf(fieldTime(record.time, clock)) } : inner;
}

function structured(format: "json" | "logfmt", fields: Fields, text: string, rest?: string): ParsedLine {
  const { atNs, unknownZone, level, service, namespace } = fields;
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

function plainLine(text: string, clock: Clock | undefined, depth: number): ParsedLine {
  const newline = text.indexOf("\n");
  const prefix = prefixOf(newline < 0 ? text : text.slice(0, newline), clock);
  const { format, level, service, end } = prefix;
  const body = text.slice(end);
  if (depth < DEEPEST && end > 0 && /^\s{0,8}(?:\{"|[A-Za-z_]{1,20}=)/.test(body)) {
    const inner = parsed(body.trim(), clock, depth + 1);
    if (inner.format === "json" || inner.format === "logfmt") {
      return {
        ...inner,
        ...timeOf(inner.atNs === undefined ? prefix : inner),
        level: inner.level ?? level,
        service: inner.service ?? service,
      };
    }
  }
  const message = body.trim() === "" ? text : body.replace(/^\s{1,200}/, "");
  const failure = failureOf(message);
  const failed = beginsAsFailure(message) || beginsAsFailure(failure.message);
  const guessed = level ?? (failed ? "ERROR" : undefined);
  return { format, ...timeOf(prefix), level: guessed, service, namespace: undefined, ...failure };
}

type Time = Pick<ParsedLine, "atNs" | "unknownZone">;

function timeOf(read: Partial<Time> | undefined): Time {
  return { atNs: read?.atNs, unknownZone: read?.unknownZone };
}
