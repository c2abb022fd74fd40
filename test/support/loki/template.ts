import { parseError, unknownHere } from "./failure.ts";
import type { LineLabels } from "./lineLabels.ts";
import { unquote } from "./quotes.ts";

/** Writes a line or label anew from the line and its labels. */
export type Template = (line: string, labels: LineLabels) => string;

type Value = string | number;
type Part = (line: string, labels: LineLabels) => Value;

const FUNCTIONS = new Map<string, (given: Value[]) => Value>([
  ["trunc", ([count, text]) => truncate(String(text), Number(count))],
  ["len", ([text]) => Buffer.byteLength(String(text))],
  ["lower", ([text]) => String(text).toLowerCase()],
  ["upper", ([text]) => String(text).toUpperCase()],
  ["ToLower", ([text]) => String(text).toLowerCase()],
  ["ToUpper", ([text]) => String(text).toUpperCase()],
  ["trim", ([text]) => String(text).trim()],
  ["default", ([otherwise, text]) => (text === "" ? (otherwise ?? "") : (text ?? ""))],
  ["replace", ([from, to, text]) => String(text).replaceAll(String(from), String(to))],
  ["printf", ([format, ...values]) => String(format).replace(/%[sdv]/g, () => String(values.shift() ?? ""))],
]);

/**
 * A Go template of what is met in line_format and label_format: fields, `__line__`, literals and a handful of
 * functions, called or piped. `where` names the stage in the message of a broken one.
 */
export function compileTemplate(text: string, where: string): Template {
  const parts: Part[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("{{", at);
    if (open < 0) {
      const rest = text.slice(at);
      parts.push(() => rest);
      break;
    }
    const action = /^\{\{(-?\s)?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`}]|\}(?!\}))*?)(\s-)?\}\}/s.exec(
      text.slice(open),
    );
    if (action === null)
      throw parseError(`stage '${where}' : invalid line template: template: line:1: unclosed action`);
    const [all, left = "", inner = "", right = ""] = action;
    const before = text.slice(at, open);
    parts.push(() => (left.startsWith("-") ? before.trimEnd() : before));
    parts.push(pipeline(inner));
    at = open + all.length;
    if (right !== "") at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
  }
  return (line, labels) => parts.map((part) => String(part(line, labels))).join("");
}

/** `__line__ | trunc 200`: each result is the last argument of the next. */
function pipeline(text: string): Part {
  const words = text.match(/"(?:[^"\\]|\\.)*"|`[^`]*`|\||[^\s|]+/gs) ?? [];
  let piped: Part | undefined;
  for (const command of commandsOf(words)) piped = call(command, piped);
  if (piped === undefined) throw unknownHere(`the template action {{${text}}}`);
  return piped;
}

function commandsOf(words: readonly string[]): string[][] {
  const commands: string[][] = [[]];
  for (const word of words) {
    if (word === "|") commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands;
}

function call([name = "", ...rest]: readonly string[], piped: Part | undefined): Part {
  const known = FUNCTIONS.get(name);
  if (known === undefined) {
    if (rest.length > 0 || piped !== undefined) throw unknownHere(`the template function ${name}`);
    return operand(name);
  }
  const given = [...rest.map(operand), ...(piped === undefined ? [] : [piped])];
  return (line, labels) => known(given.map((one) => one(line, labels)));
}

function operand(word: string): Part {
  if (word === "__line__") return (line) => line;
  if (/^\.[a-zA-Z_]\w*$/.test(word)) return (_, labels) => labels.get(word.slice(1)) ?? "";
  if (/^-?\d+$/.test(word)) return () => Number(word);
  const text = /^["`]/.test(word) ? unquote(word) : undefined;
  if (text === undefined) throw unknownHere(`${word} in a template`);
  return () => text;
}

/** By bytes, as Sprig does it; of a character that is cut through, Loki's JSON has a U+FFFD for each byte. */
function truncate(text: string, count: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= Math.abs(count)) return text;
  return count < 0 ? goText(bytes.subarray(count)) : goText(bytes.subarray(0, count));
}

function goText(bytes: Buffer): string {
  const isInner = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;
  let from = 0;
  while (isInner(bytes[from])) from += 1;
  let last = bytes.length - 1;
  while (last > from && isInner(bytes[last])) last -= 1;
  const length = lengthOf(bytes[last] ?? 0);
  const to = last + length > bytes.length ? last : bytes.length;
  return "\ufffd".repeat(from) + bytes.toString("utf8", from, to) + "\ufffd".repeat(bytes.length - to);
}

/** Of a character that begins with this byte. */
function lengthOf(byte: number): number {
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}
