import { UserError } from "../errors.ts";
import { assignWords, noSuchOption } from "./assignWords.ts";
import {
  type CommandDefinition,
  commandOf,
  findCommand,
  nameWords,
  type OptionDefinition,
} from "./command.ts";
import { usage } from "./signature.ts";
import { splitWords, type Word } from "./words.ts";

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
  return { definition, options: readOptions(definition, given), whole };
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

/** Whether it opens the form of its command: nothing was given, or not what is required. */
export function asksForForm({ definition, given, whole }: NamedCall): boolean {
  if (definition.form === undefined) return false;
  if (definition.formOnly) return !whole;
  const isGiven = ({ name }: OptionDefinition) => (given[name] ?? "").trim() !== "";
  const { options } = definition;
  return !options.some(isGiven) || options.some((option) => option.required && !isGiven(option));
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

/** Where somebody only writes to the bot, no form can open. */
function asksInForm({ name }: CommandDefinition): string {
  return `${name} asks in a form, and takes nothing that is typed. Call it as a slash command, and the form opens.`;
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

function readOptions(definition: CommandDefinition, given: Record<string, string>): Record<string, unknown> {
  const unknown = Object.keys(given).find(
    (name) => !definition.options.some((option) => option.name === name),
  );
  if (unknown !== undefined) throw new UserError(noSuchOption(definition, unknown));
  const options: Record<string, unknown> = {};
  for (const option of definition.options) {
    const value = readOption(definition, option, given[option.name]);
    if (value !== undefined) options[option.name] = value;
  }
  return options;
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

/** More than any name, filter or sentence needs; keeps hostile input small. */
const MAX_VALUE_CHARS = 500;

function withArticle(noun: string): string {
  if (noun.endsWith("s")) return noun;
  return `${/^[aeio]/.test(noun) ? "an" : "a"} ${noun}`;
}
