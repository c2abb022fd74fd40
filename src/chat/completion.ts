import { nextPositional, splitKey } from "./assignWords.ts";
import { type CommandDefinition, commandAt, nameWords, type OptionDefinition } from "./command.ts";
import { splitWords, type Word } from "./words.ts";

/** What can follow the caret in a typed line: used by platforms where commands are plain text. */
export type Completion =
  /** `typed` is the whole line: a name may have two words. */
  | { of: "command"; typed: string; candidates: string[] }
  | { of: "option"; command: string; typed: string; candidates: string[] }
  | { of: "value"; command: string; option: string; typed: string };

/** @param line the text up to the caret, without the slash command itself. */
export function completionAt(catalogue: readonly CommandDefinition[], line: string): Completion | undefined {
  const words = splitWords(line);
  const fresh = line === "" || /\s$/.test(line);
  const typed = fresh ? "" : (words.at(-1)?.text ?? "");
  const before = fresh ? words : words.slice(0, -1);
  const candidates = namesAt(catalogue, before, typed);
  if (before.length === 0 || candidates.length > 0) return { of: "command", typed: line, candidates };
  const definition = commandAt(
    catalogue,
    before.map((word) => word.text),
  );
  if (definition === undefined || definition.formOnly) return undefined;

  const keyed = splitKey(definition, typed);
  if (keyed !== undefined)
    return { of: "value", command: definition.name, option: keyed.option.name, typed: keyed.value };
  const after = before.slice(nameWords(definition));
  const { taken, open } = optionsAfter(definition, after);
  if (open?.kind === "command") {
    // A name of two words is completed as a whole.
    const whole = line.slice(after[0]?.start ?? line.length - typed.length);
    return { of: "value", command: definition.name, option: open.name, typed: whole };
  }
  if (open?.required === true && !taken.has(open.name))
    return { of: "value", command: definition.name, option: open.name, typed };
  return { of: "option", command: definition.name, typed, candidates: optionsLeft(definition, taken, typed) };
}

/** Names that what is typed can become; none where it is past them. */
function namesAt(catalogue: readonly CommandDefinition[], before: readonly Word[], typed: string): string[] {
  if (before.length > 1) return [];
  const start = [...before.map((word) => word.text), typed].join(" ").toLowerCase();
  return catalogue.map((command) => command.name).filter((name) => name.startsWith(start));
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

/** As they are begun. The one that takes all other words needs no name. */
function optionsLeft(definition: CommandDefinition, taken: ReadonlySet<string>, typed: string): string[] {
  const isLeft = ({ name, takesRest }: OptionDefinition) =>
    !takesRest && !taken.has(name) && name.startsWith(typed.toLowerCase());
  return definition.options.filter(isLeft).map((option) => `${option.name}:`);
}
