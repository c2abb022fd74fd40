import { levelOf } from "../../src/logs/parse/fields.ts";
import { parseLine } from "../../src/logs/parse.ts";
import { levelOfBareWord, namesOfLevels } from "../../src/logs/severity.ts";
import { LEVELS, type Level } from "../../src/logs/source.ts";
import type { Entry, Labels } from "./answers.ts";
import { namedOneOf, quoted } from "./logql.ts";
import type { Shape } from "./shape.ts";

/** What Loki 3 keeps beside a line: its own guess from labels and text. https://grafana.com/docs/loki/latest/operations/log-level-detection/ */
export const DETECTED = "detected_level";
/** What our own queries take out of a text. */
export const EXTRACTED = "lh_level";
/** The same of a field, with the field's name before it. */
export const FIELD = "lh_field";
const ALL_NAMES = namesOfLevels(LEVELS);
const WORDS = ALL_NAMES.filter((one) => /^[a-z]{3,}/.test(one));
/** Those that are levels also where any word may stand: `fail`, `log` and `config` are none. */
const BARE_WORDS = WORDS.filter((word) => levelOfBareWord(word) !== undefined);

/** The level of labels: the stream's own, else what Loki detected; undefined where neither says one. */
export function levelOfLabels(labels: Labels, metadata: Labels, shape: Shape): Level | undefined {
  const own = shape.level === undefined ? undefined : levelOf(labels[shape.level]);
  return own ?? levelOf(metadata[DETECTED] ?? labels[DETECTED]);
}

/** The same for a line, whose text says it where nothing else does. */
export function levelOfEntry({ labels, metadata, text }: Entry, shape: Shape): Level | undefined {
  return levelOfLabels(labels, metadata, shape) ?? parseLine(text).level;
}

/** One way in which lines can have a level: further matchers of the selector, and a pipeline. */
export interface LevelPart {
  matchers: string[];
  pipeline: string;
}

/**
 * Where lines of these levels are: in streams whose label says so, which is cheap, and among the lines of all
 * other streams those of which Loki detected it, or whose text may say so. The text only may: what comes back is
 * looked at again.
 */
export function levelParts(levels: readonly Level[], shape: Shape): LevelPart[] {
  const names = namesOfLevels(levels);
  if (names.length === 0) return [];
  const others: string[] = [];
  const parts: LevelPart[] = [];
  if (shape.level !== undefined) {
    parts.push({ matchers: [namedOneOf(shape.level, "=~", names)], pipeline: "" });
    others.push(namedOneOf(shape.level, "!~", ALL_NAMES));
  }
  const inText = `| regexp ${quoted(mayName(levels))}`;
  const filter = shape.detectsLevel
    ? `| ${namedOneOf(DETECTED, "=~", names)} or (${namedOneOf(DETECTED, "!~", ALL_NAMES)} and ${EXTRACTED}!="")`
    : `| ${EXTRACTED}!=""`;
  parts.push({ matchers: others, pipeline: `${inText} ${filter}` });
  return parts;
}

/** Finds every text that `parseLine` may give one of these levels, and some others. */
function mayName(levels: readonly Level[]): string {
  const names = namesOfLevels(levels);
  const words = names.filter((one) => !/^\d/.test(one));
  const numbers = names.filter((one) => /^\d/.test(one));
  const ways = [
    `(?:^|[^a-zA-Z]|\\x1b\\[[0-9;]*m)(?:${words.join("|")})(?:$|[^a-zA-Z])`,
    ...(numbers.length > 0
      ? [`(?:level|severity|lvl|priority|s)["']?\\s*[:=]\\s*["']?(?:${numbers.join("|")})\\b`]
      : []),
    // Syslog's priority holds the severity in its last three bits, and so every level.
    "^<\\d{1,3}>",
    ...(levels.includes("ERROR") ? ["(?:error|exception|fault|interrupt|panic|traceback)"] : []),
  ];
  return `(?i)(?P<${EXTRACTED}>${ways.join("|")})`;
}

const MONTHS_AND_DAYS =
  "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|utc|gmt|cest?|[ecmp][sd]t";

/**
 * Takes the level out of a text for counting: the first word of the line, after its time and its thread, or a field called level. What
 * is none to `parseLine` must be none here: an hour whose errors were counted as something else is not read for errors.
 */
export function extractLevel(): string {
  const ansi = "\\x1b\\[[0-9;]*m";
  const dates = `(?:${MONTHS_AND_DAYS})(?:[^a-z]|$)`;
  const thread = "\\[[a-z][^\\]\\n]{0,80}\\]";
  // Names of fields are no levels, those of JSON least of all: `{"error":null,"level":"info"}`. Docker's JSON holds a line.
  const before = `^(?:\\{"log":")?(?:${ansi}|[^a-z0-9{\\x1b]|${dates})*?(?:\\d(?:${ansi}|[^a-z{\\x1b]|[tz](?:[^a-z]|$)|${dates}|${thread})*?)?`;
  const first = `${before}(?P<${EXTRACTED}>${BARE_WORDS.join("|")})(?:[^a-z0-9_=.-]|$)`;
  // Numbers are pino's and bunyan's: in a sentence the level of something else may be 50.
  const field = `(?:level|levelname|severity|lvl)["']?\\s*[:=]\\s*["']?(?:${WORDS.join("|")})|(?:level|severity|lvl)"\\s*:\\s*\\d{1,2}`;
  return `| regexp ${quoted(`(?i)(?:${first}|(?P<${FIELD}>${field})(?:[^a-z0-9]|$))`)} | ${EXTRACTED}!="" or ${FIELD}!=""`;
}

/** What our own query took out of a text; undefined where that is no level. */
export function extractedLevel(of: Labels): Level | undefined {
  return levelOf(of[EXTRACTED] || /[a-z]+\d?$|\d+$/i.exec(of[FIELD] ?? "")?.[0]);
}

/** The streams and lines whose level is not known from labels. */
export function unknownLevel(shape: Shape): LevelPart {
  return {
    matchers: shape.level === undefined ? [] : [namedOneOf(shape.level, "!~", ALL_NAMES)],
    pipeline: shape.detectsLevel ? `| ${namedOneOf(DETECTED, "!~", ALL_NAMES)}` : "",
  };
}
