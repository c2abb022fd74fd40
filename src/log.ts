import { type DestinationStream, type Logger, pino } from "pino";

/** The process's own log. Messages are static text, data stand beside them, an error's key is `err`. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

export type LogLevelName = "debug" | "info" | "warn" | "error" | "silent";

/** JSON lines on stderr: stdout is kept for what is printed for people. */
export function createLog(level: LogLevelName, to: DestinationStream = pino.destination(2)): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, to);
}
