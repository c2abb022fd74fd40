import { UserError } from "../errors.ts";

/** What a chat user may do; each includes the ones before it. */
export const ROLES = ["viewer", "responder", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who sees an answer: everybody in the channel, or only the one who asked. */
export type Visibility = "channel" | "caller";

/** How a value is written and completed. Parsing is the option's own `parse`. */
export type OptionKind = "text" | "service" | "namespace" | "duration" | "level" | "state" | "command";

export interface OptionDefinition<T = unknown> {
  name: string;
  kind: OptionKind;
  description: string;
  required: boolean;
  /** Takes all words that no other option claims: `search connection refused`. At most one per command. */
  takesRest?: boolean;
  choices?: readonly string[];
  /** @throws UserError saying what would be right. */
  parse(raw: string): T;
}

/** A command as data: adapters derive registration, help and parsing from it. */
export interface CommandDefinition {
  /** Lower case, one word. */
  name: string;
  summary: string;
  /** Without the slash command: `analyze checkout since:30m`. */
  examples: readonly string[];
  role: Role;
  visibility: Visibility;
  options: readonly OptionDefinition[];
}

/** A command as typed, or as a platform with native options gives it. */
export type CommandCall = { text: string } | { name: string; options: Record<string, string> };

export interface ParsedCall {
  definition: CommandDefinition;
  options: Record<string, unknown>;
}

/**
 * Reads a call against the catalogue. `analyze checkout since:30m` and `analyze service:checkout
 * since:30m` are the same; quotes keep words together.
 * @throws UserError naming the nearest command, the unknown option or the wrong value.
 */
export function parseCall(catalogue: readonly CommandDefinition[], call: CommandCall): ParsedCall {
  if ("name" in call) return readOptions(findCommand(catalogue, call.name), call.options);
  const [first, ...words] = splitWords(call.text);
  const definition = findCommand(catalogue, first?.text ?? "help");
  return readOptions(definition, assignWords(definition, words));
}

/** The catalogue's command of that name, in upper or lower case. @throws UserError with the nearest name. */
export function findCommand<D extends CommandDefinition>(catalogue: readonly D[], name: string): D {
  const found = catalogue.find((command) => command.name === name.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(
    name.toLowerCase(),
    catalogue.map((command) => command.name),
  );
  throw new UserError(
    near === undefined
      ? `There is no command "${clip(name)}". Type help to see them all.`
      : `There is no command "${clip(name)}". Did you mean ${near}?`,
  );
}

/** What can follow the caret in a typed line: used by platforms where commands are plain text. */
export type Completion =
  | { of: "command"; typed: string; candidates: string[] }
  | { of: "option"; command: string; typed: string; candidates: string[] }
  | { of: "value"; command: string; option: string; typed: string };

/** @param line the text up to the caret, without the slash command itself. */
export function completionAt(catalogue: readonly CommandDefinition[], line: string): Completion | undefined {
  const words = splitWords(line);
  const fresh = line === "" || /\s$/.test(line);
  const typed = fresh ? "" : (words.at(-1)?.text ?? "");
  const before = fresh ? words : words.slice(0, -1);
  const command = before[0];
  if (command === undefined) {
    const candidates = catalogue.map((c) => c.name).filter((name) => name.startsWith(typed.toLowerCase()));
    return { of: "command", typed, candidates };
  }
  const definition = catalogue.find((c) => c.name === command.text.toLowerCase());
  if (definition === undefined) return undefined;

  const keyed = splitKey(definition, typed);
  if (keyed !== undefined)
    return { of: "value", command: definition.name, option: keyed.option.name, typed: keyed.value };
  const { taken, open } = optionsAfter(definition, before.slice(1));
  if (open !== undefined && (open.required || open.kind === "command")) {
    return { of: "value", command: definition.name, option: open.name, typed };
  }
  const candidates = definition.options
    .filter((option) => !taken.has(option.name) && option.name.startsWith(typed.toLowerCase()))
    .map((option) => `${option.name}:`);
  return { of: "option", command: definition.name, typed, candidates };
}

interface Word {
  text: string;
  quoted: boolean;
}

function splitWords(line: string): Word[] {
  const words: Word[] = [];
  // key:"two words" stays one word; an unclosed quote runs to the end of the line.
  for (const match of line.matchAll(/([A-Za-z]+:)?"([^"]*)(?:"|$)|(\S+)/g)) {
    const quoted = match[2] !== undefined;
    words.push({
      text: quoted ? (match[1] ?? "") + match[2] : (match[3] as string),
      quoted: quoted && match[1] === undefined,
    });
  }
  return words;
}

function splitKey(
  definition: CommandDefinition,
  word: string,
): { option: OptionDefinition; value: string } | undefined {
  const colon = word.indexOf(":");
  if (colon <= 0) return undefined;
  const option = definition.options.find((o) => o.name === word.slice(0, colon).toLowerCase());
  return option && { option, value: word.slice(colon + 1) };
}

/** Which options the words already name, and which positional one comes next. */
function optionsAfter(definition: CommandDefinition, words: readonly Word[]) {
  const taken = new Set<string>();
  for (const word of words) {
    const keyed = word.quoted ? undefined : splitKey(definition, word.text);
    const option = keyed?.option ?? nextPositional(definition, taken);
    if (option !== undefined) taken.add(option.name);
  }
  return { taken, open: nextPositional(definition, taken) };
}

function nextPositional(
  definition: CommandDefinition,
  taken: ReadonlySet<string>,
): OptionDefinition | undefined {
  const rest = definition.options.find((option) => option.takesRest);
  return rest ?? definition.options.find((option) => !taken.has(option.name));
}

function assignWords(definition: CommandDefinition, words: readonly Word[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const word of words) {
    const keyed = word.quoted ? undefined : splitKey(definition, word.text);
    if (keyed !== undefined) {
      values[keyed.option.name] = keyed.value;
      continue;
    }
    const option = nextPositional(definition, new Set(Object.keys(values)));
    if (option === undefined) {
      throw new UserError(
        `${definition.name} does not know what to do with "${clip(word.text)}". ${usage(definition)}`,
      );
    }
    const earlier = values[option.name];
    values[option.name] = earlier === undefined ? word.text : `${earlier} ${word.text}`;
  }
  return values;
}

function readOptions(definition: CommandDefinition, raw: Record<string, string>): ParsedCall {
  const unknown = Object.keys(raw).find((name) => !definition.options.some((option) => option.name === name));
  if (unknown !== undefined) {
    throw new UserError(`${definition.name} has no option "${clip(unknown)}". ${usage(definition)}`);
  }
  const options: Record<string, unknown> = {};
  for (const option of definition.options) {
    const value = raw[option.name]?.trim();
    if (value === undefined || value === "") {
      if (option.required)
        throw new UserError(`${definition.name} needs a ${option.name}. ${usage(definition)}`);
      continue;
    }
    if (value.length > MAX_VALUE_CHARS) {
      throw new UserError(`${option.name} is longer than ${MAX_VALUE_CHARS} characters. Shorten it.`);
    }
    options[option.name] = option.parse(value);
  }
  return { definition, options };
}

/** More than any name, filter or sentence needs; keeps hostile input small. */
const MAX_VALUE_CHARS = 500;

/** `Usage: analyze <service> [since] [namespace]` */
export function usage(definition: CommandDefinition): string {
  return `Usage: ${signature(definition)}`;
}

/** `search <text> [service:…] [since:…]`: beside one that takes all words, the others are named. */
export function signature(definition: CommandDefinition): string {
  const named = definition.options.some((option) => option.takesRest);
  const options = definition.options.map((option) => {
    if (option.required) return `<${option.name}>`;
    return named ? `[${option.name}:…]` : `[${option.name}]`;
  });
  return [definition.name, ...options].join(" ");
}

/** The candidate at the least edit distance, where that is close enough to be a typo. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const name of candidates) {
    const distance = editDistance(word, name);
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.name.length / 3))
    ? best.name
    : undefined;
}

/** Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment). */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return Number.POSITIVE_INFINITY;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(
        (rows[i - 1]?.[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (rows[i - 1]?.[j - 1] ?? 0) + change,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? Number.POSITIVE_INFINITY;
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
