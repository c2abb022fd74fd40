import { type DestinationStream, type Logger, pino } from "pino";
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
  return pino({ level, base: null, timestamp, hooks: { streamWrite: withoutOwnKeys } }, to);
}
