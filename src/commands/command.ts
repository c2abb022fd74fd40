import type { Card } from "../chat/card.ts";
import type { CommandDefinition, OptionDefinition, Visibility } from "../chat/command.ts";
import type { Person, Place, Reply } from "../chat/platform.ts";
import type { Workspace } from "../tenancy/directory.ts";

/** One call of a command, its caller already allowed to make it. */
export interface Call<Options = Record<string, unknown>> {
  /** The act's id: the same act delivered again has the same one. */
  id: string;
  place: Place;
  person: Person;
  options: Options;
  /** What is not among the options was left empty, where it could have been given: in a form. */
  whole: boolean;
  /** @throws UserError that says how to connect, where the workspace has no tenant yet. */
  workspace(): Workspace;
}

/** Somebody asks for the form of a command. */
export type Asking = Pick<Call, "place" | "person" | "workspace">;

/** A command: its definition, and what it does. */
export interface Command extends CommandDefinition {
  /** What the fields of its form hold at first, beside what was given. @throws UserError where sending it off would be in vain */
  prefill?(call: Asking): Promise<Record<string, string>>;
  run(call: Call): Promise<Reply>;
}

interface Definition<Options extends readonly OptionDefinition[]> extends CommandDefinition {
  options: Options;
  prefill?(call: Asking): Promise<Record<string, string>>;
  run(call: Call<ValuesOf<Options>>): Promise<Reply>;
}

/** The parsed values of a list of options, by name; undefined where an optional one was not given. */
export type ValuesOf<Options extends readonly OptionDefinition[]> = {
  [O in Options[number] as O["name"]]: O extends { required: true; parse(raw: string): infer T }
    ? T
    : O extends { parse(raw: string): infer T }
      ? T | undefined
      : never;
};

/** Ties a command's options to what its `run` gets. Parsing happened before, against the same definition. */
export function defineCommand<const Options extends readonly OptionDefinition[]>(
  definition: Definition<Options>,
): Command {
  return { ...definition, run: (call) => definition.run(call as Call<ValuesOf<Options>>) };
}

export function message(card: Card, visibility: Visibility): Reply {
  return { kind: "message", card, visibility };
}
