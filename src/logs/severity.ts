import type { Level } from "./source.ts";

/** Words of loggers, syslog, PostgreSQL, .NET, java.util.logging and bunyan, in lower case. */
const WORDS: ReadonlyMap<string, Level> = new Map(
  Object.entries({
    FATAL: ["fatal", "panic", "emerg", "emergency", "f", "dpanic"],
    CRITICAL: ["critical", "crit", "alert", "c"],
    ERROR: ["error", "err", "eror", "severe", "fail", "failure", "e"],
    WARN: ["warn", "warning", "wrn", "w"],
    INFO: [
      "info",
      "information",
      "informational",
      "inf",
      "notice",
      "note",
      "log",
      "default",
      "config",
      "i",
      "n",
    ],
    DEBUG: [
      "debug",
      "dbug",
      "dbg",
      "debug1",
      "debug2",
      "debug3",
      "debug4",
      "debug5",
      "fine",
      "verbose",
      "d",
      "v",
    ],
    TRACE: ["trace", "trce", "trc", "finer", "finest", "silly", "t"],
  } satisfies Record<Level, string[]>).flatMap(([level, words]) =>
    words.map((word) => [word, level as Level]),
  ),
);

/** The level a word of any case names: `WARNING`, `err`, `Severe`, `E`. */
export function levelOfWord(word: string): Level | undefined {
  return word.length > 13 ? undefined : WORDS.get(word.trim().toLowerCase());
}

/**
 * The level a word names where any word can stand: longer than a letter, and none that is seldom a level
 * outside a field of its own (`fail`, `note`, `config`, `default`…).
 */
export function levelOfBareWord(word: string): Level | undefined {
  if (word.length < 3 || word.length > 13) return undefined;
  const lower = word.toLowerCase();
  return AMBIGUOUS.has(lower) ? undefined : WORDS.get(lower);
}

const AMBIGUOUS = new Set([
  "fail",
  "failure",
  "note",
  "config",
  "default",
  "fine",
  "log",
  "alert",
  "verbose",
  "silly",
]);

/** Every word and number that names one of these levels, in lower case: what a level label is searched for by. */
export function namesOfLevels(levels: readonly Level[]): string[] {
  const wanted = new Set(levels);
  const words = [...WORDS].filter(([, level]) => wanted.has(level)).map(([word]) => word);
  const numbers = Array.from({ length: 70 }, (_, number) => number).filter((number) => {
    const level = levelOfNumber(number);
    return level !== undefined && wanted.has(level);
  });
  return [...words, ...numbers.map(String)];
}

/**
 * The level a number in a level field stands for: 10…60 as pino and bunyan count them, 0…7 as syslog's
 * severities (RFC 5424, 6.2.1), -4…8 in steps of four as Go's slog where they are not syslog's.
 */
export function levelOfNumber(value: number): Level | undefined {
  if (value >= 10) {
    if (value >= 60) return value < 70 ? "FATAL" : undefined;
    return (["TRACE", "DEBUG", "INFO", "WARN", "ERROR"] as const)[Math.floor(value / 10) - 1];
  }
  if (value === 8) return "ERROR";
  if (value === -4) return "DEBUG";
  return Number.isInteger(value) ? levelOfSeverity(value) : undefined;
}

/** The level of a syslog severity, 0…7. */
export function levelOfSeverity(severity: number): Level | undefined {
  return (["FATAL", "CRITICAL", "CRITICAL", "ERROR", "WARN", "INFO", "INFO", "DEBUG"] as const)[severity];
}
