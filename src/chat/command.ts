import { UserError } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { splitWords, type Word } from "./words.ts";

/** What a chat user may do; each includes the ones before it. */
export const ROLES = ["viewer", "responder", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who sees an answer: everybody in the channel, or only the one who asked. */
export type Visibility = "channel" | "caller";

/** How a value is written and completed. Parsing is the option's own `parse`. */
export type OptionKind =
  | "text"
  | "service"
  | "namespace"
  | "duration"
  | "level"
  | "state"
  | "command"
  | "filter";

export interface OptionDefinition<T = unknown> {
  name: string;
  kind: OptionKind;
  description: string;
  required: boolean;
  /** Takes all words that no other option claims: `search connection refused`. At most one per command. */
  takesRest?: boolean;
  /** `parse` gets quotes and spaces as they were typed: in a log query they mean something. */
  asTyped?: boolean;
  /** Takes several values with commas between; `choices` are what each may be. */
  list?: boolean;
  /** Where a value may be longer than most. */
  maxChars?: number;
  choices?: readonly string[];
  /** @throws UserError saying what would be right. */
  parse(raw: string): T;
}

/** A command as data: adapters derive registration, help and parsing from it. */
export interface CommandDefinition {
  /** Lower case; one word, or two where several commands belong together: `filters save`. */
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
  const words = splitWords(call.text);
  const definition = commandOf(catalogue, words.length === 0 ? ["help"] : words.map((word) => word.text));
  return readOptions(definition, assignWords(definition, words.slice(nameWords(definition))));
}

/** The catalogue's command of that name, in upper or lower case. @throws UserError with the nearest name. */
export function findCommand<D extends CommandDefinition>(catalogue: readonly D[], name: string): D {
  return commandOf(catalogue, name.trim().split(/\s+/));
}

function commandOf<D extends CommandDefinition>(catalogue: readonly D[], words: readonly string[]): D {
  const found = commandAt(catalogue, words);
  if (found === undefined) throw new UserError(noSuchCommand(catalogue, words));
  return found;
}

/** The command that these words begin with; where two names fit, the longer one. */
export function commandAt<D extends CommandDefinition>(
  catalogue: readonly D[],
  words: readonly string[],
): D | undefined {
  const [first, both] = [1, 2].map((count) => words.slice(0, count).join(" ").toLowerCase());
  return (
    catalogue.find((command) => command.name === both) ?? catalogue.find((command) => command.name === first)
  );
}

/** The commands that belong together under a first word: `filters save`, `filters list`… */
export function commandsUnder<D extends CommandDefinition>(catalogue: readonly D[], first: string): D[] {
  return catalogue.filter((command) => command.name.startsWith(`${first.toLowerCase()} `));
}

/** How many words its name has. */
export function nameWords(definition: CommandDefinition): number {
  return definition.name.split(" ").length;
}

function noSuchCommand(catalogue: readonly CommandDefinition[], words: readonly string[]): string {
  const [first = "", second] = words.map((word) => word.toLowerCase());
  const parts = catalogue.map((command) => command.name.split(" "));
  const seconds = parts.flatMap(([name, under]) => (name === first && under !== undefined ? [under] : []));
  if (seconds.length > 0) {
    const goOn = `${first} goes on with ${seconds.join(", ")}. Type help ${first} to see what each does.`;
    if (second === undefined) return goOn;
    const near = nearest(second, seconds);
    const unknown = `There is no command "${first} ${clip(second)}".`;
    return near === undefined ? `${unknown} ${goOn}` : `${unknown} Did you mean ${first} ${near}?`;
  }
  const twoWords = catalogue.map((command) => command.name).filter((name) => name.includes(" "));
  const near =
    nearest(`${first} ${second}`, twoWords) ??
    nearest(
      first,
      parts.map(([name]) => name as string),
    );
  const unknown = `There is no command "${clip(words[0] ?? "")}".`;
  return near === undefined ? `${unknown} Type help to see them all.` : `${unknown} Did you mean ${near}?`;
}

/** The option a word names, and the value it gives: `since:30m`. */
export function splitKey(
  definition: CommandDefinition,
  word: string,
): { option: OptionDefinition; value: string } | undefined {
  const colon = word.indexOf(":");
  if (colon <= 0) return undefined;
  const option = definition.options.find((o) => o.name === word.slice(0, colon).toLowerCase());
  return option && { option, value: word.slice(colon + 1) };
}

/** The option that the next word without a key goes to: what is required first, then what takes all words. */
export function nextPositional(
  definition: CommandDefinition,
  taken: ReadonlySet<string>,
): OptionDefinition | undefined {
  const { options } = definition;
  const isOpen = (option: OptionDefinition) => !option.takesRest && !taken.has(option.name);
  return (
    options.find((option) => option.required && isOpen(option)) ??
    options.find((option) => option.takesRest) ??
    options.find(isOpen)
  );
}

function assignWords(definition: CommandDefinition, words: readonly Word[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const word of words) {
    const keyed = word.quoted ? undefined : splitKey(definition, word.text);
    const option = keyed?.option ?? nextPositional(definition, new Set(Object.keys(values)));
    if (option === undefined) {
      throw new UserError(
        `${definition.name} does not know what to do with "${clip(word.text)}". ${usage(definition)}`,
      );
    }
    const { name, asTyped } = option;
    const value = asTyped
      ? word.typed.slice(keyed === undefined ? 0 : name.length + 1)
      : (keyed?.value ?? word.text);
    const earlier = option.takesRest ? values[name] : undefined;
    values[name] = earlier === undefined ? value : `${earlier}${asTyped ? word.gap : " "}${value}`;
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
    const maxChars = option.maxChars ?? MAX_VALUE_CHARS;
    if (value.length > maxChars) {
      throw new UserError(`${option.name} is longer than ${maxChars} characters. Shorten it.`);
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
    return named && !option.takesRest ? `[${option.name}:…]` : `[${option.name}]`;
  });
  return [definition.name, ...options].join(" ");
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
