import type { OptionDefinition } from "../chat/command.ts";
import { UserError } from "../errors.ts";
import { readFilterName } from "../filters/filter.ts";
import { NO_NAMESPACE } from "../logs/findService.ts";
import { type Redaction, redact } from "../logs/redaction.ts";
import { levelOfWord } from "../logs/severity.ts";
import { ERROR_LEVELS, type ErrorLevel, LEVELS, type Level } from "../logs/source.ts";

/** A service's name as typed; whether it exists is asked of the log source. */
export const service = {
  name: "service",
  kind: "service",
  description: "The service to look at",
  required: true,
  parse: parseName,
} as const satisfies OptionDefinition<string>;

export const optionalService = { ...service, required: false } as const;

export const namespace = {
  name: "namespace",
  kind: "namespace",
  description: "Its namespace, where the same name stands in several; - for none",
  required: false,
  parse: (raw: string) => (raw === NO_NAMESPACE ? "" : parseName(raw)),
} as const satisfies OptionDefinition<string>;

export const since = {
  name: "since",
  kind: "duration",
  description: "How far back to look: 30m, 6h, 2d (1h unless said)",
  required: false,
  usual: ["15m", "30m", "1h", "6h", "1d"],
  parse: parseDuration,
} as const satisfies OptionDefinition<number>;

export const level = {
  name: "level",
  kind: "level",
  description: "Only this level",
  required: false,
  choices: ERROR_LEVELS.map((name) => name.toLowerCase()),
  parse: parseLevel,
} as const satisfies OptionDefinition<ErrorLevel>;

export const levels = {
  name: "levels",
  kind: "level",
  description: "Only these levels, with commas between: error,fatal",
  required: false,
  list: true,
  choices: LEVELS.map((name) => name.toLowerCase()),
  parse: parseLevels,
} as const satisfies OptionDefinition<Level[]>;

export const filterName = {
  name: "name",
  kind: "filter",
  description: "The filter's name: letters, digits, - and _",
  required: true,
  parse: readFilterName,
} as const satisfies OptionDefinition<string>;

export const DEFAULT_SINCE_MS = 60 * 60_000;
/** Longer look-backs belong to the baseline, not to a question in a channel. */
const MAX_SINCE_DAYS = 7;
const DAY_MS = 24 * 60 * 60_000;
export const MAX_SINCE_MS = MAX_SINCE_DAYS * DAY_MS;

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `6h`, `1h30m`, `2d` in milliseconds. */
export function parseDuration(raw: string): number {
  return parseDurationUpTo(MAX_SINCE_DAYS, raw);
}

/** The same, up to so many days. @throws UserError */
export function parseDurationUpTo(mostDays: number, raw: string): number {
  const text = raw.toLowerCase();
  const wrong = `"${raw.slice(0, 40)}" is not a duration. Try 30m, 6h or 2d.`;
  if (!/^(\d{1,6}[smhd])+$/.test(text)) throw new UserError(wrong);
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([smhd])/g))
    ms += Number(count) * (UNIT_MS[unit as string] as number);
  if (ms <= 0) throw new UserError(wrong);
  if (ms > mostDays * DAY_MS)
    throw new UserError(`${raw.slice(0, 40)} is too long. The longest is ${mostDays}d.`);
  return ms;
}

function parseLevel(raw: string): ErrorLevel {
  const wanted = ALIASES[raw.toLowerCase()] ?? raw.toUpperCase();
  const found = ERROR_LEVELS.find((candidate) => candidate === wanted);
  if (found !== undefined) return found;
  const known = ERROR_LEVELS.map((name) => name.toLowerCase()).join(", ");
  throw new UserError(`"${raw.slice(0, 40)}" is not a level of errors. Use one of ${known}.`);
}

function parseLevels(raw: string): Level[] {
  const found = raw.split(",").map((part) => {
    const level = levelOfWord(part.trim());
    if (level !== undefined) return level;
    const known = LEVELS.map((name) => name.toLowerCase()).join(", ");
    throw new UserError(
      `"${part.trim().slice(0, 40)}" is not a level. Use ${known}; several with commas between.`,
    );
  });
  return LEVELS.filter((level) => found.includes(level));
}

const ALIASES: Record<string, ErrorLevel> = { warning: "WARN", err: "ERROR", crit: "CRITICAL" };

/** Longer than any label value a service is named by. */
const MAX_NAME_CHARS = 200;

/**
 * What is kept under its own name, as typed: so nothing that looks like a secret.
 * @param by the tenant's redaction, where that is known
 * @throws UserError
 */
export function withoutSecret(name: string, by: Pick<Redaction, "redact"> = { redact }): string {
  if (by.redact(name) === name) return name;
  throw new UserError(
    "That looks like a password, a token or personal data, and would be kept for everybody: check what you typed.",
  );
}

function parseName(raw: string): string {
  if (raw.length > MAX_NAME_CHARS)
    throw new UserError(`That name is longer than ${MAX_NAME_CHARS} characters. Check it.`);
  return raw;
}
