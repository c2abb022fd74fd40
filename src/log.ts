import { type DestinationStream, type Logger, pino } from "pino";
import { UserError } from "./errors.ts";
import { withoutOwnKeys } from "./logs/redaction/ownKeys.ts";

/** The process's own log. Messages are static text, data stand beside them, an error's key is `err`. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

export type LogLevelName = "debug" | "info" | "warn" | "error" | "silent";

/**
 * JSON lines on stderr: stdout is kept for what is printed for people. An API key is in none, whoever put it into an error: a
 * database quotes the row that it refuses, and a query to a log source the text that is searched for.
 */
export function createLog(level: LogLevelName, to: DestinationStream = pino.destination(2)): Log {
  const timestamp = pino.stdTimeFunctions.isoTime;
  const serializers = { err: told };
  // By name: what reads logs, LogHunter too, takes it as it is, and people need no table of numbers.
  const formatters = { level: (name: string) => ({ level: name }) };
  const hooks = { streamWrite: withoutOwnKeys };
  return pino({ level, base: null, timestamp, serializers, formatters, hooks }, to);
}

/**
 * What helps to find what failed. Errors carry more: a row that the database refused, the command with Redis's password, an
 * address with a token in it, a whole request with its headers.
 */
function told(error: unknown): unknown {
  // Somebody was told what it is and what to do; where that came about says nothing more.
  if (error instanceof UserError) {
    const { message, cause } = error;
    return { type: error.name, message, ...(cause !== undefined && { cause: withoutStack(told(cause)) }) };
  }
  if (!(error instanceof Error))
    return hasMessage(error) ? { ...known(error), message: error.message } : error;
  const { aggregateErrors, ...all } = pino.stdSerializers.err(error);
  return {
    ...known(all),
    ...(aggregateErrors !== undefined && { aggregateErrors: aggregateErrors.map(told) }),
  };
}

function withoutStack(cause: unknown): unknown {
  if (typeof cause !== "object" || cause === null) return cause;
  const { stack, ...rest } = cause as { stack?: unknown };
  return rest;
}

function known(about: object): object {
  return Object.fromEntries(Object.entries(about).filter(([name]) => TOLD.has(name)));
}

const TOLD: ReadonlySet<string> = new Set([
  ...["type", "message", "stack", "name", "code", "kind", "status", "statusCode", "retryAfter"],
  // Of the system.
  ...["errno", "syscall", "address", "port", "hostname", "path", "signal"],
  // Of PostgreSQL, but for what it quotes: https://www.postgresql.org/docs/15/protocol-error-fields.html
  ...["severity", "schema", "table", "column", "dataType", "constraint", "routine"],
]);

/** Of another realm, or already told. */
function hasMessage(error: unknown): error is { message: unknown } {
  return typeof error === "object" && error !== null && "message" in error;
}
