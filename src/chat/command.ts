import { UserError } from "../errors.ts";
import type { FormDefinition } from "./form.ts";
import { nearest } from "./nearest.ts";
import { clip } from "./signature.ts";

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

/** The catalogue's command of that name, in upper or lower case. @throws UserError with the nearest name. */
export function findCommand<D extends CommandDefinition>(catalogue: readonly D[], name: string): D {
  return commandOf(catalogue, name.trim().split(/\s+/));
}

/** The same, of the words that a call begins with. */
export function commandOf<D extends CommandDefinition>(catalogue: readonly D[], words: readonly string[]): D {
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
