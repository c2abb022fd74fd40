import type { CommandDefinition } from "./command.ts";
import { typedOptions } from "./signature.ts";
import { quoted } from "./words.ts";

/** A call as it would be typed, without the slash command: `filters save slow service:checkout timed out`. */
export function typedCall(definition: CommandDefinition, given: Readonly<Record<string, string>>): string {
  const typed = typedOptions(definition);
  const words = typed.flatMap((option) => {
    const value = given[option.name]?.trim() ?? "";
    if (value === "" || option.takesRest) return [];
    const written = option.asTyped ? value : quoted(value);
    return [option.required ? written : `${option.name}:${written}`];
  });
  const rest = typed.find(({ takesRest }) => takesRest);
  const all = rest === undefined ? "" : (given[rest.name]?.trim() ?? "");
  return [definition.name, ...words, ...(all === "" ? [] : [all])].join(" ");
}
