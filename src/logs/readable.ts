import { GROUPS, type Group, isRecord, placeOf } from "./parse/fieldNames.ts";
import { levelOf } from "./parse/fields.ts";
import { jsonObject } from "./parse/json.ts";
import { tellLine } from "./parse.ts";
import { cleaned } from "./redaction/clean.ts";

export interface Readable {
  /** Fields shown beside the message; of more there is nothing. */
  fields?: number;
  /** Characters of one of them. */
  fieldChars?: number;
}

/** Under a heading that names its kind already, among others. */
export const OF_A_SAMPLE: Readable = { fields: 6, fieldChars: 60 };

/** Deeper down stands what a program carries with it, and nothing that a person looks for first. */
const DEEPEST = 3;
const FIELD_CHARS = 200;
/** Of the program, and the same in all of its lines. */
const NOISE: ReadonlySet<string> = new Set(["pid", "hostname", "v", "process_id"]);

/**
 * An entry that is one JSON object as a person reads it: the message with its error, then its other fields, then the stack. What
 * stands beside the line anyway (when, how bad, whose) is left out. Anything else, and what says no message, is what it was.
 * @param text without secrets: what is hidden stays hidden, since nothing is decoded in which something could be
 */
export function readable(text: string, beside: Readable = {}): string {
  try {
    return told(text, beside);
  } catch (error) {
    // Lists within lists, thousands deep: JSON is read so, and written only as deep as the stack is.
    if (error instanceof RangeError) return text;
    throw error;
  }
}

function told(text: string, { fields = 40, fieldChars = FIELD_CHARS }: Readable): string {
  if (!text.trimStart().startsWith("{") || /\\u[0-9a-f]{4}/i.test(text)) return text;
  const record = jsonObject(text) ?? jsonObject(closed(text));
  if (record === undefined) return text;
  if (typeof record.log === "string" && typeof record.stream === "string")
    return told(record.log.trimEnd(), { fields, fieldChars });
  const { message, stack } = tellLine(JSON.stringify(record));
  // That is the whole line: nothing in it is known for its message.
  if (message === "" || message.startsWith("{")) return text;
  const beside = [...pairsOf(record, message, fieldChars)].slice(0, fields);
  const first = beside.length === 0 ? message : withBeside(message, beside.join(" "));
  return cleaned(stack === undefined ? first : `${first}\n${indented(stack)}`);
}

/** The level of an entry that is one JSON object; undefined where it is none. */
export function levelWord(text: string): string | undefined {
  const record = text.trimStart().startsWith("{") ? jsonObject(text) : undefined;
  if (record === undefined) return undefined;
  for (const [name, value] of Object.entries(record)) if (isIn(name, GROUPS.level)) return levelOf(value);
  return undefined;
}

/** Behind the first line of a message of several. */
function withBeside(message: string, beside: string): string {
  const [first, ...rest] = message.split("\n");
  return [`${first}  ${beside}`, ...rest].join("\n");
}

function* pairsOf(
  record: Readonly<Record<string, unknown>>,
  message: string,
  fieldChars: number,
  prefix = "",
  depth = 1,
): Generator<string> {
  for (const [name, value] of Object.entries(record)) {
    const path = `${prefix}${name}`;
    if (isRecord(value)) {
      if (depth < DEEPEST) yield* pairsOf(value, message, fieldChars, `${path}.`, depth + 1);
      continue;
    }
    if (value === null || value === "" || NOISE.has(path) || stands(path, value, message)) continue;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const shown = text.length > fieldChars ? `${Array.from(text).slice(0, fieldChars).join("")}…` : text;
    yield `${path}=${typeof value === "string" && /[\s"=]/.test(shown) ? JSON.stringify(shown) : shown}`;
  }
}

/** Whether it is shown anyway: beside the line, in its message, or below it. */
function stands(path: string, value: unknown, message: string): boolean {
  const { time, level, service, namespace, stack } = GROUPS;
  if ([time, level, service, namespace, stack].some((group) => isIn(path, group))) return true;
  return placeOf(path) !== undefined && message.includes(String(value).trim());
}

function isIn(path: string, { from, to }: Group): boolean {
  const place = placeOf(path);
  return place !== undefined && place >= from && place < to;
}

/** Frames that are written without an indent would pass for lines of their own. */
function indented(stack: string): string {
  return stack.replace(/^(?=\S)/gm, "    ");
}

/** What a long entry is cut to: what was open is closed again. Nothing where it is not cut. */
function closed(text: string): string {
  const cut = /… \(\+\d+ characters\)$/.exec(text);
  if (cut === null) return "";
  // From the first of a row on: looked at from each of them, a line of 100,000 took half a minute.
  const kept = text.slice(0, cut.index).replace(/(?<!\\)\\+$/, "");
  const open: string[] = [];
  let isText = false;
  for (let at = 0; at < kept.length; at++) {
    const character = kept[at];
    if (isText && character === "\\") at++;
    else if (character === '"') isText = !isText;
    else if (!isText && (character === "{" || character === "[")) open.push(character === "{" ? "}" : "]");
    else if (!isText && (character === "}" || character === "]")) open.pop();
  }
  return `${kept}${isText ? '…"' : ""}${open.reverse().join("")}`;
}
