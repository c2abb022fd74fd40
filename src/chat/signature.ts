import type { CommandDefinition, OptionDefinition } from "./command.ts";

/** `Usage: analyze <service> [since] [namespace]` */
export function usage(definition: CommandDefinition): string {
  return `Usage: ${signature(definition)}`;
}

/** `search <text> [service:…] [since:…]`: beside one that takes all words, the others are named. */
export function signature(definition: CommandDefinition): string {
  const typed = typedOptions(definition);
  const named = typed.some((option) => option.takesRest);
  const options = typed.map((option) => {
    if (option.required) return `<${option.name}>`;
    return named && !option.takesRest ? `[${option.name}:…]` : `[${option.name}]`;
  });
  return [definition.name, ...options].join(" ");
}

/** The options that may be given where a command is typed. */
export function typedOptions({ options, formOnly }: CommandDefinition): readonly OptionDefinition[] {
  return formOnly ? [] : options;
}

/** What a person typed, short enough to be quoted in a sentence. */
export function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
