import { BrokenJson, type JsonValue, readJsonObject } from "./json.ts";
import type { Labels } from "./lineLabels.ts";
import { logfmtField } from "./parsers.ts";

/** Loki's `log_level_fields`, in the order of its choice. */
const FIELDS = [
  "level",
  "LEVEL",
  "Level",
  "log.level",
  "severity",
  "SEVERITY",
  "Severity",
  "SeverityText",
  "lvl",
  "LVL",
  "Lvl",
  "severity_text",
  "Severity_Text",
  "SEVERITY_TEXT",
];
const NAMES = new Map(
  Object.entries({
    trace: ["trace", "trc"],
    debug: ["debug", "dbg"],
    info: ["info", "inf", "information"],
    warn: ["warn", "wrn", "warning"],
    error: ["error", "err"],
    critical: ["critical"],
    fatal: ["fatal"],
  }).flatMap(([level, names]) => names.map((name) => [name, level])),
);
/** OTLP's severity numbers, four to a level; 0 is unspecified. */
const BY_SEVERITY = ["trace", "debug", "info", "warn", "error", "fatal"];
const MAYBE_FIELD = /level|severity|lvl/i;

/** The level that a stream's own labels tell; every line of it is of that level. */
export function levelOfLabels(labels: Labels): string | undefined {
  for (const field of FIELDS) {
    const value = labels.get(field);
    if (value !== undefined) return NAMES.get(value.toLowerCase()) ?? value;
  }
  return undefined;
}

/**
 * The level that Loki's distributor puts into the metadata of a line: from a field of its JSON (a string,
 * nested as well) or logfmt, else from a few words. "ERROR" by itself is none of them: that gives "unknown".
 */
export function levelOfLine(text: string, metadata: Labels | undefined): string {
  const severity = metadata?.get("severity_number");
  const said = metadata && levelOfLabels(metadata);
  if (said !== undefined) return said;
  if (severity !== undefined) return ofSeverity(severity);
  const field = fieldOf(text);
  return (field === undefined ? undefined : NAMES.get(field.toLowerCase())) ?? ofWords(text);
}

function ofSeverity(number: string): string {
  if (!/^-?\d+$/.test(number)) return "info";
  return Number(number) === 0 ? "unknown" : (BY_SEVERITY[Math.ceil(Number(number) / 4) - 1] ?? "unknown");
}

function fieldOf(text: string): string | undefined {
  // Most lines of a large test have their level in a label; the others are spared a parser where they can be.
  if (!MAYBE_FIELD.test(text)) return undefined;
  if (/^\s*\{/.test(text) && /\}\s*$/.test(text)) return levelInObject(objectOf(text));
  return text.includes("=") ? logfmtField(text, FIELDS) : undefined;
}

function objectOf(text: string): [string, JsonValue][] {
  try {
    return readJsonObject(text);
  } catch (problem) {
    if (problem instanceof BrokenJson) return problem.members;
    throw problem;
  }
}

function levelInObject(members: readonly [string, JsonValue][]): string | undefined {
  for (const [name, value] of members) {
    if (value.kind === "text" && FIELDS.includes(name)) return value.text;
    const inner = value.kind === "object" ? levelInObject(value.members) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function ofWords(text: string): string {
  if (/info|INFO/.test(text)) return "info";
  if (/err:|ERR:|\[err\]|\[ERR\]|\[error\]|\[ERROR\]/.test(text)) return "error";
  if (/warn:|WARN:|\[warn\]|\[WARN\]|warning|WARNING/.test(text)) return "warn";
  if (/critical:|CRITICAL:|\[critical\]|\[CRITICAL\]/.test(text)) return "critical";
  if (/debug|DEBUG/.test(text)) return "debug";
  return "unknown";
}
