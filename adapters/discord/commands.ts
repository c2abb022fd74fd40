import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandOptionChoice,
  type APIApplicationCommandSubcommandGroupOption,
  type APIApplicationCommandSubcommandOption,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  ApplicationCommandOptionType as OptionType,
  type RESTPostAPIApplicationCommandsJSONBody,
} from "discord.js";
import {
  type CommandDefinition,
  commandsUnder,
  isSuggested,
  type OptionDefinition,
} from "../../src/chat/command.ts";
import { typedOptions } from "../../src/chat/signature.ts";
import { CHOICE_CHARS, CHOICES, COMMAND } from "./limits.ts";
import { oneLine, plain } from "./markup.ts";

/** The catalogue as Discord's own commands, and which of them is which. */
export interface NativeCommands {
  commands: RESTPostAPIApplicationCommandsJSONBody[];
  /** By what a person chooses below the one command: `analyze`, `filters save`. */
  byPath: ReadonlyMap<string, CommandDefinition>;
}

export const COMMAND_NAME = "loghunter";
export const EXPLAIN_NAME = "Explain this log";

/**
 * One command with all others below it, so that a server's list stays short and `/loghunter` finds everything, and
 * one for messages. They are global: new servers have them at once. Only servers see them, for logs belong to one;
 * everybody may call them, since the core checks who may do what and answers who may not.
 * @throws where the catalogue has more than Discord takes
 */
export function nativeCommands(catalogue: readonly CommandDefinition[]): NativeCommands {
  const byPath = new Map<string, CommandDefinition>();
  const pathOf = (definition: CommandDefinition) => {
    const path = isAlsoGroup(catalogue, definition) ? `${definition.name} ${ALONE}` : definition.name;
    if (byPath.has(path)) throw new Error(`two commands would be ${path} on Discord`);
    byPath.set(path, definition);
    return path;
  };
  const paths = catalogue.map((definition) => ({ definition, words: pathOf(definition).split(" ") }));
  for (const most of ROOM) {
    const command = slashCommand(paths, most);
    if (charsOf(command) <= COMMAND.totalChars) return { commands: [command, explainCommand()], byPath };
  }
  throw new Error(`the catalogue is more than the ${COMMAND.totalChars} characters that Discord takes`);
}

/** What a command alone is called where others go on from its name: `tenant` beside `tenant invite`. */
const ALONE = "show";

/** How long a description may be, of a command and of an option. */
interface Room {
  summary: number;
  option: number;
}

/**
 * Where all descriptions together are too long, those of commands lose their last clauses first: what an option says is how its
 * value is written, and nothing else on Discord says it.
 */
const ROOM: readonly Room[] = [
  ...[COMMAND.descriptionChars, 80, 70, 60, 50, 40].map((summary) => ({
    summary,
    option: COMMAND.descriptionChars,
  })),
  ...[80, 60, 40, 20].map((option) => ({ summary: 40, option })),
];

const EVERYWHERE = {
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
};

interface Path {
  definition: CommandDefinition;
  words: string[];
}

function slashCommand(paths: readonly Path[], most: Room): RESTPostAPIApplicationCommandsJSONBody {
  const options: (APIApplicationCommandSubcommandOption | APIApplicationCommandSubcommandGroupOption)[] = [];
  const groups = new Map<string, APIApplicationCommandSubcommandOption[]>();
  for (const { definition, words } of paths) {
    const [first = "", second] = words;
    if (second === undefined) {
      options.push(subcommand(first, definition, most));
      continue;
    }
    const group = groups.get(first) ?? [];
    if (!groups.has(first)) {
      groups.set(first, group);
      options.push({
        type: OptionType.SubcommandGroup,
        name: first,
        description: describe(`All of ${first}`, most.summary),
        options: group,
      });
    }
    group.push(subcommand(second, definition, most));
  }
  for (const list of [options, ...groups.values()]) {
    if (list.length > COMMAND.options)
      throw new Error(`Discord takes ${COMMAND.options} commands of one level`);
  }
  return {
    type: ApplicationCommandType.ChatInput,
    name: COMMAND_NAME,
    description: describe("Asks LogHunter about the logs of your services", most.summary),
    ...EVERYWHERE,
    options,
  };
}

function explainCommand(): RESTPostAPIApplicationCommandsJSONBody {
  return { type: ApplicationCommandType.Message, name: EXPLAIN_NAME, ...EVERYWHERE };
}

function isAlsoGroup(catalogue: readonly CommandDefinition[], { name }: CommandDefinition): boolean {
  return !name.includes(" ") && commandsUnder(catalogue, name).length > 0;
}

function subcommand(
  name: string,
  definition: CommandDefinition,
  most: Room,
): APIApplicationCommandSubcommandOption {
  // Discord wants those first that must be given.
  const ordered = [...typedOptions(definition)].sort(
    (a, b) => Number(isRequired(definition, b)) - Number(isRequired(definition, a)),
  );
  return {
    type: OptionType.Subcommand,
    name,
    description: describe(definition.summary, most.summary),
    ...(ordered.length > 0 && {
      options: ordered.map((option) => nativeOption(definition, option, most)),
    }),
  };
}

/** A form asks for what was not given. */
function isRequired({ form }: CommandDefinition, { required }: OptionDefinition): boolean {
  return required && form === undefined;
}

/** But for people, whom Discord lets one choose, all are texts: the core parses what they mean, and says what is wrong in its own words. */
function nativeOption(
  definition: CommandDefinition,
  option: OptionDefinition,
  most: Room,
): APIApplicationCommandBasicOption {
  const named = {
    name: option.name,
    description: describe(option.description, most.option),
    ...(isRequired(definition, option) && { required: true }),
  };
  if (option.kind === "person") return { ...named, type: OptionType.User };
  const base = { ...named, type: OptionType.String as const };
  if (isCompleted(option)) return { ...base, autocomplete: true };
  const { choices = [], maxChars } = option;
  if (choices.length > 0) return { ...base, choices: choices.map(choice) };
  return { ...base, ...(maxChars !== undefined && { max_length: Math.min(maxChars, COMMAND.valueChars) }) };
}

/** What the core is asked for values of. A few fixed ones are shown without asking it. */
function isCompleted(option: OptionDefinition): boolean {
  const { list, choices = [] } = option;
  return list === true || choices.length > CHOICES || isSuggested(option);
}

function choice(value: string): APIApplicationCommandOptionChoice<string> {
  if (value.length > CHOICE_CHARS) throw new Error(`Discord takes no choice as long as ${value}`);
  return { name: value, value };
}

/** A text that is too long ends with a clause of its own, or else with a word. */
function describe(text: string, most: number): string {
  const shown = oneLine(plain(text)).trim() || "…";
  if (shown.length <= most) return shown;
  const ends = (between: RegExp, within: number) =>
    [...shown.matchAll(between)].map(({ index }) => index).findLast((at) => at > 0 && at <= within);
  // Of a list behind a colon no part stands for the whole.
  const clause = ends(/[:;] | \(/g, most) ?? ends(/, /g, most);
  return clause !== undefined
    ? shown.slice(0, clause)
    : `${shown.slice(0, ends(/ /g, most - 1) ?? most - 1)}…`;
}

/** As Discord counts them: names, descriptions and values of a command and of all below it. */
function charsOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + charsOf(one), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, one]) => {
    const counts = (key === "name" || key === "description" || key === "value") && typeof one === "string";
    return sum + (counts ? one.length : charsOf(one));
  }, 0);
}
