import { UserError } from "../errors.ts";
import type { CommandDefinition, OptionDefinition } from "./command.ts";
import { nearest } from "./nearest.ts";
import { clip, usage } from "./signature.ts";
import type { Word } from "./words.ts";

/**
 * Gives each word of a typed line to the option that it names, or to the one whose turn it is.
 * @throws UserError where there is no such option, or where it has its value already.
 */
export function assignWords(definition: CommandDefinition, words: readonly Word[]): Record<string, string> {
  const values: Record<string, string> = {};
  let before: OptionDefinition | undefined;
  for (const word of words) {
    const keyed = word.quoted ? undefined : splitKey(definition, word.text);
    const goesOn = keyed === undefined && before?.list === true && isGoingOn(values[before.name], word);
    const option =
      goesOn && before !== undefined
        ? before
        : (keyed?.option ?? positional(definition, word, new Set(Object.keys(values))));
    const { name, asTyped } = option;
    const value = asTyped
      ? word.typed.slice(keyed === undefined ? 0 : name.length + 1)
      : (keyed?.value ?? word.text);
    const earlier = values[name];
    if (earlier !== undefined && !option.takesRest && !goesOn) {
      throw new UserError(
        `${name} was given twice, as "${clip(earlier)}" and as "${clip(value)}": leave one of them out.`,
      );
    }
    values[name] = earlier === undefined ? value : `${earlier}${asTyped ? word.gap : " "}${value}`;
    before = option;
  }
  return values;
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

/** `levels:error, fatal`: a space beside a comma ends no list. */
function isGoingOn(list: string | undefined, word: Word): boolean {
  return !word.quoted && (list?.endsWith(",") === true || word.text.startsWith(","));
}

/** The option that a word without a key of the command's goes to. */
function positional(definition: CommandDefinition, word: Word, taken: ReadonlySet<string>): OptionDefinition {
  const option = nextPositional(definition, taken);
  const key = word.quoted ? undefined : /^([A-Za-z][\w-]*):/.exec(word.text)?.[1];
  // Names and texts may hold a colon; a value that is optional never does, so this was meant as a key.
  if (key !== undefined && option?.takesRest !== true) {
    const isTypo = nearestOption(definition, key) !== undefined;
    if (isTypo || option?.required !== true) throw new UserError(noSuchOption(definition, key));
  }
  if (option !== undefined) return option;
  throw new UserError(
    `${definition.name} does not know what to do with "${clip(word.text)}". ${usage(definition)}`,
  );
}

function nearestOption(definition: CommandDefinition, name: string): string | undefined {
  return nearest(
    name.toLowerCase(),
    definition.options.map((option) => option.name),
  );
}

export function noSuchOption(definition: CommandDefinition, name: string): string {
  const near = nearestOption(definition, name);
  const goOn = near === undefined ? usage(definition) : `Did you mean ${near}?`;
  return `${definition.name} has no option "${clip(name)}". ${goOn}`;
}
