import { UserError } from "../errors.ts";
import { assignWords, noSuchOption } from "./assignWords.ts";
import type { FormDefinition } from "./form.ts";
import { nearest } from "./nearest.ts";
import { clip, usage } from "./signature.ts";
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
  | "filter"
  /** Somebody of the workspace: the platform's id, or a mention of theirs. */
  | "person";

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
  /** Values that are offered while it is typed; any other may be typed as well. */
  usual?: readonly string[];
  /** Where a value may be longer than most. */
  maxChars?: number;
  /** A button that opens a form fills it in, and nobody types it there: a form that can keep what is not shown hides it then. */
  filledIn?: true;
  /** The only values there are. */
  choices?: readonly string[];
  /** @throws UserError saying what would be right. */
  parse(raw: string): T;
}

/** Whether values are offered while one is typed, and any other may be typed: what `ChatCore.suggest` is asked for. */
export function isSuggested({ kind, usual, choices }: OptionDefinition): boolean {
  return usual !== undefined || (choices === undefined && SUGGESTED.has(kind));
}

const SUGGESTED: ReadonlySet<OptionKind> = new Set(["service", "namespace", "filter", "command"]);

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
  /** Opened when the command is called with nothing, or without what it requires. */
  form?: FormDefinition;
  /** What it asks for is asked in its form, never typed: arguments stay in the sender's history. */
  formOnly?: true;
}

/** A command as typed, or as a platform with native options gives it. */
export type CommandCall =
  | { text: string }
  /** `whole`: all that can be said stood before the person, as in a form, so what is not given was left empty. */
  | { name: string; options: Record<string, string>; whole?: true };

export interface ParsedCall {
  definition: CommandDefinition;
  options: Record<string, unknown>;
  whole: boolean;
}

/** A call with the command it names, and what it gives for each option, as typed. */
export interface NamedCall<D extends CommandDefinition = CommandDefinition> {
  definition: D;
  given: Record<string, string>;
  whole: boolean;
}

/**
 * Reads a call against the catalogue. `analyze checkout since:30m` and `analyze service:checkout
 * since:30m` are the same; quotes keep words together.
 * @throws UserError naming the nearest command, the unknown option or the wrong value.
 */
export function parseCall(catalogue: readonly CommandDefinition[], call: CommandCall): ParsedCall {
  const { definition, given, whole } = nameCall(catalogue, call);
  if (definition.formOnly && !whole) throw new UserError(asksInForm(definition));
  return { ...readOptions(definition, given), whole };
}

/** Which command a call is of. @throws UserError where there is none, or it gives an option that is not there. */
export function nameCall<D extends CommandDefinition>(
  catalogue: readonly D[],
  call: CommandCall,
): NamedCall<D> {
  if ("name" in call) {
    const definition = findCommand(catalogue, call.name);
    return { definition, given: call.options, whole: call.whole === true };
  }
  const words = splitWords(call.text);
  const definition = commandOf(catalogue, words.length === 0 ? ["help"] : words.map((word) => word.text));
  return { definition, given: givenIn(definition, words.slice(nameWords(definition))), whole: false };
}

/** What cannot be read is no reason to refuse a form that asks for it anyway, nor to quote it. */
function givenIn(definition: CommandDefinition, words: readonly Word[]): Record<string, string> {
  try {
    return assignWords(definition, words);
  } catch (error) {
    if (definition.formOnly && error instanceof UserError) return {};
    throw error;
  }
}

/** Whether it opens the form of its command: nothing was given, or not what is required. */
export function asksForForm({ definition, given, whole }: NamedCall): boolean {
  if (definition.form === undefined) return false;
  if (definition.formOnly) return !whole;
  const isGiven = ({ name }: OptionDefinition) => (given[name] ?? "").trim() !== "";
  const { options } = definition;
  return !options.some(isGiven) || options.some((option) => option.required && !isGiven(option));
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
  if (near !== undefined) return `${unknown} Did you mean ${near}?`;
  // A sentence is a question, and there is a place for those.
  const questions = words.length > 2 ? " Questions are answered in the thread of a root cause." : "";
  return `${unknown} Type help to see them all.${questions}`;
}

function readOptions(
  definition: CommandDefinition,
  given: Record<string, string>,
): Pick<ParsedCall, "definition" | "options"> {
  const unknown = Object.keys(given).find(
    (name) => !definition.options.some((option) => option.name === name),
  );
  if (unknown !== undefined) throw new UserError(noSuchOption(definition, unknown));
  const options: Record<string, unknown> = {};
  for (const option of definition.options) {
    const value = readOption(definition, option, given[option.name]);
    if (value !== undefined) options[option.name] = value;
  }
  return { definition, options };
}

/** What is wrong with each option of a call; a sentence by option, none where all is well. */
export function mistakesIn({ definition, given }: NamedCall): Record<string, string> {
  const wrong: Record<string, string> = {};
  for (const option of definition.options) {
    try {
      readOption(definition, option, given[option.name]);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      wrong[option.name] = error.message;
    }
  }
  return wrong;
}

function readOption(
  definition: CommandDefinition,
  option: OptionDefinition,
  given: string | undefined,
): unknown {
  const value = given?.trim();
  if (value === undefined || value === "") {
    if (!option.required) return undefined;
    throw new UserError(`${definition.name} needs ${withArticle(option.name)}. ${usage(definition)}`);
  }
  const maxChars = option.maxChars ?? MAX_VALUE_CHARS;
  if (value.length > maxChars) {
    throw new UserError(`${option.name} is longer than ${maxChars} characters. Shorten it.`);
  }
  return option.parse(value);
}

/** Where somebody only writes to the bot, no form can open. */
function asksInForm({ name }: CommandDefinition): string {
  return `${name} asks in a form, and takes nothing that is typed. Call it as a slash command, and the form opens.`;
}

/** More than any name, filter or sentence needs; keeps hostile input small. */
const MAX_VALUE_CHARS = 500;

function withArticle(noun: string): string {
  if (noun.endsWith("s")) return noun;
  return `${/^[aeio]/.test(noun) ? "an" : "a"} ${noun}`;
}
