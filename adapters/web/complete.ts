import type { CommandDefinition } from "../../src/chat/command.ts";
import { type Completion, completionAt } from "../../src/chat/completion.ts";
import type { ChatCore, Person, Place } from "../../src/chat/platform.ts";
import { signature, typedOptions } from "../../src/chat/signature.ts";
import { quoted } from "../../src/chat/words.ts";
import { SLASH } from "./hint.ts";

/** One line of the popup: choosing it writes `insert` over the text from `from` to the caret. */
export interface Candidate {
  label: string;
  hint: string;
  insert: string;
}

export interface Candidates {
  from: number;
  candidates: Candidate[];
}

/** @param line what stands before the caret, with the slash command. */
export async function complete(
  core: ChatCore,
  place: Place,
  person: Person,
  line: string,
): Promise<Candidates> {
  const command = typedCommand(line);
  if (command === undefined) return NOTHING;
  const completion = completionAt(core.catalogue, command.text);
  if (completion === undefined) return NOTHING;
  switch (completion.of) {
    case "command":
      return { from: 0, candidates: commandCandidates(core.catalogue, completion.candidates) };
    case "option":
      return {
        from: line.length - completion.typed.length,
        candidates: optionCandidates(core.catalogue, completion),
      };
    case "value":
      return {
        from: startOfValue(line, completion.typed),
        candidates: await valueCandidates(core, place, person, completion),
      };
  }
}

const NOTHING: Candidates = { from: 0, candidates: [] };

/** `/`, `/log` and `/ana` are on their way to a command as well. */
function typedCommand(line: string): { text: string } | undefined {
  if (!line.startsWith("/")) return undefined;
  const lower = line.toLowerCase();
  if (lower.startsWith(`${SLASH} `)) return { text: line.slice(SLASH.length + 1).trimStart() };
  if (SLASH.startsWith(lower)) return { text: "" };
  return /\s/.test(line) ? undefined : { text: line.slice(1) };
}

function commandCandidates(catalogue: readonly CommandDefinition[], names: readonly string[]): Candidate[] {
  return catalogue
    .filter((definition) => names.includes(definition.name))
    .map((definition) => ({
      label: `${SLASH} ${signature(definition)}`,
      hint: definition.summary,
      insert: `${SLASH} ${definition.name}${typedOptions(definition).length > 0 ? " " : ""}`,
    }));
}

function optionCandidates(
  catalogue: readonly CommandDefinition[],
  completion: Extract<Completion, { of: "option" }>,
): Candidate[] {
  const options = catalogue.find((definition) => definition.name === completion.command)?.options ?? [];
  return completion.candidates.map((insert) => ({
    label: insert,
    hint: options.find((option) => `${option.name}:` === insert)?.description ?? "",
    insert,
  }));
}

async function valueCandidates(
  core: ChatCore,
  place: Place,
  person: Person,
  completion: Extract<Completion, { of: "value" }>,
): Promise<Candidate[]> {
  const { command, option, typed } = completion;
  const definition = core.catalogue.find((known) => known.name === command);
  const wanted = definition?.options.find((known) => known.name === option);
  const suggested = await core.suggest({ place, person, command, option, typed });
  const values = suggested.length > 0 ? suggested : choicesOf(wanted?.choices ?? wanted?.usual ?? [], typed);
  // What takes all words needs no quotes: `help filters save`.
  const written = (value: string) => (wanted?.takesRest ? value : quoted(value));
  return values.slice(0, 25).map((value) => ({ label: value, hint: option, insert: `${written(value)} ` }));
}

function choicesOf(choices: readonly string[], typed: string): string[] {
  return choices.filter((choice) => choice.startsWith(typed.toLowerCase()));
}

/** An open quote belongs to the value that is written over. */
function startOfValue(line: string, typed: string): number {
  const start = line.length - typed.length;
  return line.charAt(start - 1) === '"' ? start - 1 : start;
}
