import {
  type APIApplicationCommandInteractionDataOption,
  type InteractionType,
  ApplicationCommandOptionType as OptionType,
} from "discord.js";
import type { CommandDefinition } from "../../src/chat/command.ts";
import type { NativeCommands } from "./commands.ts";

type Options = readonly APIApplicationCommandInteractionDataOption<
  InteractionType.ApplicationCommand | InteractionType.ApplicationCommandAutocomplete
>[];

/** The command of the catalogue that was chosen, with what was given for its options. */
export function chosen(
  options: Options,
  { byPath }: NativeCommands,
): { definition: CommandDefinition; values: Record<string, string> } | undefined {
  const { path, given } = below(options);
  const definition = byPath.get(path.join(" "));
  if (definition === undefined) return undefined;
  const values = given.flatMap((option) => ("value" in option ? [[option.name, String(option.value)]] : []));
  return { definition, values: Object.fromEntries(values) };
}

/** The option whose value is being typed. */
export function focused(
  options: Options,
  { byPath }: NativeCommands,
): { command: string; option: string; typed: string } | undefined {
  const { path, given } = below(options);
  const definition = byPath.get(path.join(" "));
  const option = given.find((one) => "focused" in one && one.focused === true);
  if (definition === undefined || option === undefined || !("value" in option)) return undefined;
  return { command: definition.name, option: option.name, typed: String(option.value) };
}

function below(options: Options): { path: string[]; given: Options } {
  const [first] = options;
  if (first?.type !== OptionType.SubcommandGroup && first?.type !== OptionType.Subcommand) {
    return { path: [], given: options };
  }
  const { path, given } = below((first.options ?? []) as Options);
  return { path: [first.name, ...path], given };
}
