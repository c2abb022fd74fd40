import { redact } from "../redaction.ts";
import { levelOfNumber, levelOfWord } from "../severity.ts";
import type { Level } from "../source.ts";
import { errorClassOf } from "./failure.ts";
import { type Clock, fieldTime } from "./time.ts";

/** Looks a field up by any of its names; a dotted name also finds the nested one. */
export type Lookup = (name: string) => unknown;

/** What the fields of a structured line say of its place. */
interface PlacingFields {
  atNs: bigint | undefined;
  unknownZone: string | undefined;
  level: Level | undefined;
  service: string | undefined;
  namespace: string | undefined;
}

/** What they tell of, before the message is looked into. */
export interface Told {
  message: string | undefined;
  errorClass: string | undefined;
  stack: string | undefined;
}

/** The second part only where it was asked for. */
export type Fields = PlacingFields & Partial<Told>;

/** pino, bunyan, zap, slog, logrus, structlog, python-json-logger, logstash, ECS, GELF, serilog, MongoDB, Cloud Logging. */
const TIME = [
  "@timestamp",
  "timestamp",
  "time",
  "ts",
  "t",
  "@t",
  "datetime",
  "eventTime",
  "asctime",
  "date",
  "_timestamp",
];
const LEVEL = [
  "level",
  "severity",
  "log.level",
  "lvl",
  "loglevel",
  "log_level",
  "levelname",
  "severity_text",
  "@l",
  "s",
  "PRIORITY",
];
const MESSAGE = ["msg", "message", "@m", "event", "short_message", "text", "body", "MESSAGE", "@mt", "log"];
/** Not `name`, `job` or `component`: what a request carries stands there too, and would make services of customers. */
const SERVICE = ["service.name", "service", "service_name", "app", "application", "appname", "svc"];
const NAMESPACE = [
  "namespace",
  "kubernetes.namespace_name",
  "k8s.namespace.name",
  "kubernetes.namespace",
  "service.namespace",
];
const ERROR = ["err", "error", "exception", "exc_info", "@x", "cause", "e"];
const ERROR_TYPE = [
  "error.type",
  "err.type",
  "err.name",
  "error.name",
  "exception.class",
  "exception.exception_class",
  "exception.type",
  "error_type",
  "errorType",
  "exception_class",
];
const ERROR_CODE = ["err.code", "error.code", "code", "sqlstate", "errorCode"];
const ERROR_MESSAGE = [
  "error.message",
  "err.message",
  "exception.message",
  "exception.exception_message",
  "errorMessage",
  "error_message",
];
const STACK = [
  "err.stack",
  "error.stack_trace",
  "error.stack",
  "exception.stacktrace",
  "exception.stack_trace",
  "stack_trace",
  "stacktrace",
  "stack",
  "exception.trace",
  "traceback",
  "errorVerbose",
];

/** @param isWhole also what they tell of: most of the work */
export function fieldsOf(lookup: Lookup, clock: Clock | undefined, isWhole: boolean): Fields {
  const time = firstOf(TIME, (name) => fieldTime(lookup(name), clock));
  const placing = {
    atNs: time?.atNs,
    unknownZone: time?.unknownZone,
    level: firstOf(LEVEL, (name) => levelOf(lookup(name))),
    service: placeName(lookup, SERVICE),
    namespace: placeName(lookup, NAMESPACE),
  };
  return isWhole ? { ...placing, ...toldOf(lookup) } : placing;
}

function toldOf(lookup: Lookup): Told {
  const message = textOf(lookup, MESSAGE);
  const said = textOf(lookup, ERROR_MESSAGE) ?? textOf(lookup, ERROR);
  const stack = textOf(lookup, STACK);
  const type = textOf(lookup, ERROR_TYPE) ?? shortClass(textOf(lookup, ERROR_CODE));
  const error = firstLine(said ?? stack ?? "");
  return {
    message: joined(message, type, error),
    // `Error` and the like say less than a code beside them.
    errorClass: specific(type) ?? errorClassOf(error) ?? type ?? errorClassOf(message ?? ""),
    stack: stackOnly(stack, said),
  };
}

function firstOf<T>(names: readonly string[], read: (name: string) => T | undefined): T | undefined {
  for (const name of names) {
    const value = read(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function textOf(lookup: Lookup, names: readonly string[]): string | undefined {
  return firstOf(names, (name) => {
    const value = lookup(name);
    return typeof value === "string" && value !== "" ? value : undefined;
  });
}

/** A name without a secret in it: services are listed, stored and shown as they are. */
function placeName(lookup: Lookup, names: readonly string[]): string | undefined {
  const name = shortText(lookup, names);
  // Nearly every line names its service, and no token is shorter than this.
  if (name === undefined || (name.length < 16 && !name.includes("@"))) return name;
  return redact(name) === name ? name : undefined;
}

function shortText(lookup: Lookup, names: readonly string[]): string | undefined {
  return firstOf(names, (name) => {
    const value = lookup(name);
    return typeof value === "string" && value !== "" && value.length <= 100 && !value.includes("\n")
      ? value
      : undefined;
  });
}

export function levelOf(value: unknown): Level | undefined {
  if (typeof value === "number") return levelOfNumber(value);
  if (typeof value !== "string") return undefined;
  return /^\d{1,2}$/.test(value) ? levelOfNumber(Number(value)) : levelOfWord(value);
}

/** A code is a class only where it looks like one: ECONNREFUSED, 23505, ER_DUP_ENTRY, not 500 or "ok". */
function shortClass(code: string | undefined): string | undefined {
  if (code === undefined || code.length > 40) return undefined;
  if (/^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)) return `SQLSTATE ${code}`;
  return /^[A-Z][A-Z0-9_]{3,}$/.test(code) ? code : undefined;
}

function specific(type: string | undefined): string | undefined {
  return type === undefined || type === "Error" || type === "Exception" ? undefined : type;
}

function firstLine(text: string): string {
  const end = text.indexOf("\n");
  return (end < 0 ? text : text.slice(0, end)).trim();
}

function joined(message: string | undefined, type: string | undefined, error: string): string | undefined {
  const parts: string[] = [];
  if (message !== undefined) parts.push(message);
  const whole = parts.join("");
  if (type !== undefined && error !== "" && !whole.includes(type) && !error.includes(type)) parts.push(type);
  if (error !== "" && !whole.includes(error) && !/^Traceback /.test(error)) parts.push(error);
  return parts.length === 0 ? undefined : parts.join(": ");
}

/** A stack without the message it begins with. */
function stackOnly(stack: string | undefined, said: string | undefined): string | undefined {
  const text = stack ?? (said?.includes("\n") ? said : undefined);
  if (text === undefined) return undefined;
  if (/^Traceback /.test(text)) return text;
  const frames = text.search(/^[ \t]+at |^\s+File "|^goroutine |^#\d+ |^\S+\n\t/m);
  const rest = frames > 0 ? text.slice(frames) : text;
  return rest.trim() === "" ? undefined : rest.trim();
}
