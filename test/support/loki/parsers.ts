import { BrokenJson, type JsonValue, readJsonObject } from "./json.ts";
import type { LineLabels } from "./lineLabels.ts";
import type { Expression } from "./re2.ts";
import type { Extraction } from "./syntax.ts";

/** `| json`: every field, nested ones joined by `_`, or only the named ones. */
export function parseJson(line: string, labels: LineLabels, fields: readonly Extraction[]): void {
  let members: [string, JsonValue][];
  // With named fields nothing is said of what is wrong, and a line that is no JSON gets no empty ones.
  if (fields.length > 0 && !/^["{[]/.test(line)) {
    labels.error = "JSONParserErr";
    return;
  }
  try {
    members = readJsonObject(line);
  } catch (problem) {
    if (!(problem instanceof BrokenJson)) throw problem;
    labels.error = "JSONParserErr";
    if (fields.length === 0) labels.errorDetails = problem.message;
    members = problem.members;
  }
  if (fields.length === 0) flatten(members, "", labels);
  for (const { as, from } of fields) {
    const value = at(members, pathOf(from));
    // A field that is named and missing is there, and empty.
    keep(labels, as, value === undefined ? "" : textOf(value));
  }
}

function flatten(members: readonly [string, JsonValue][], prefix: string, labels: LineLabels): void {
  for (const [name, value] of members) {
    const label = prefix === "" ? sanitise(name) : `${prefix}_${plainName(name)}`;
    if (value.kind === "object") flatten(value.members, label, labels);
    else if (value.kind === "text" || value.kind === "plain") keep(labels, label, value.text);
  }
}

/** `a.b`, `a["b c"]`, `["a"]`. */
function pathOf(expression: string): string[] {
  const steps = expression.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g);
  return [...steps].map(([, quoted, index, name]) => quoted ?? index ?? name ?? "");
}

function at(
  members: readonly [string, JsonValue][],
  [first, ...rest]: readonly string[],
): JsonValue | undefined {
  const value = members.find(([name]) => name === first)?.[1];
  if (rest.length === 0 || value === undefined) return value;
  return value.kind === "object" ? at(value.members, rest) : undefined;
}

function textOf(value: JsonValue): string {
  if (value.kind !== "object") return value.text;
  const members = value.members.map(([name, one]) => {
    const text = textOf(one);
    return `${JSON.stringify(name)}:${one.kind === "text" ? JSON.stringify(text) : text}`;
  });
  return `{${members.join(",")}}`;
}

const PAIR = /([^\s="]+)(?:=("(?:[^"\\]|\\.)*"|[^\s"]*))?/gs;

/** `| logfmt`: pairs wherever they stand; a line without any simply has none. */
export function parseLogfmt(
  line: string,
  labels: LineLabels,
  { fields, keepEmpty }: { fields: readonly Extraction[]; keepEmpty: boolean },
): void {
  const wanted = fields.length === 0 ? undefined : new Map(fields.map(({ as, from }) => [from, as]));
  for (const [, key = "", value = ""] of line.matchAll(PAIR)) {
    const text = logfmtValue(value);
    if (text === "" && !keepEmpty) continue;
    const name = wanted === undefined ? sanitise(key) : wanted.get(key);
    if (name !== undefined) keep(labels, name, text);
  }
  for (const { as } of fields) if (!labels.hasParsed(as)) keep(labels, as, "");
}

function logfmtValue(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value.replaceAll("\n", "\\n").replaceAll("\t", "\\t")));
  } catch {
    return value.slice(1, -1);
  }
}

/** The value of the first key of these, wherever in the line it stands; for the level of a line. */
export function logfmtField(line: string, names: readonly string[]): string | undefined {
  let found: string | undefined;
  let place = names.length;
  for (const [, key = "", value = ""] of line.matchAll(PAIR)) {
    const here = names.findIndex((name) => name.toLowerCase() === key.toLowerCase());
    if (here < 0 || here >= place) continue;
    found = logfmtValue(value);
    place = here;
    if (place === 0) break;
  }
  return found;
}

/** `| regexp "(?P<name>…)"`: a line that does not match gets nothing. */
export function parseRegexp(line: string, labels: LineLabels, expression: Expression): void {
  for (const [name, value] of Object.entries(expression.exec(line)?.groups ?? {})) {
    keep(labels, sanitise(name), value ?? "");
  }
}

/** The first parser's word stands; what the stream or the metadata say already is kept beside it. */
function keep(labels: LineLabels, name: string, value: string): void {
  const label = labels.isTaken(name) ? `${name}_extracted` : name;
  if (label !== "" && !labels.hasParsed(label)) labels.set("parsed", label, value);
}

/** The same few names come with every line. */
const sanitised = new Map<string, string>();

function sanitise(name: string): string {
  const known = sanitised.get(name);
  if (known !== undefined) return known;
  const plain = plainName(name);
  const label = /^\d/.test(plain) ? `_${plain}` : plain;
  if (sanitised.size < 10_000) sanitised.set(name, label);
  return label;
}

function plainName(name: string): string {
  return name.trim().replace(/[^a-zA-Z0-9_]/gu, "_");
}
