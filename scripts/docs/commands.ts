import type { CommandDefinition, OptionDefinition } from "../../src/chat/command.ts";
import { signature } from "../../src/chat/signature.ts";

/** A table of all commands, and each with its options and examples, in Markdown. */
export function commandsInMarkdown(catalogue: readonly CommandDefinition[]): string {
  const rows = catalogue.map(
    (each) => `| [\`${signature(each)}\`](#${anchorOf(each.name)}) | ${cell(each.summary)} | ${each.role} |`,
  );
  return [
    ["| command | does | who |", "|---|---|---|", ...rows].join("\n"),
    ...catalogue.map(sectionOf),
  ].join("\n\n");
}

function sectionOf(command: CommandDefinition): string {
  const { name, summary, role, visibility, options, examples, formOnly } = command;
  const seen = visibility === "caller" ? "the answer is seen by whoever asks" : "the channel sees the answer";
  const parts = [
    `### ${name}`,
    `\`${signature(command)}\``,
    `${summary}. For ${role}s and above; ${seen}.${formOnly ? " A form asks for what it needs." : ""}`,
  ];
  if (options.length > 0) parts.push(options.map(optionOf).join("\n"));
  parts.push(["```", ...examples, "```"].join("\n"));
  return parts.join("\n\n");
}

function optionOf({ name, description, required }: OptionDefinition): string {
  return `- \`${name}\`${required ? "" : " (may be left out)"}: ${description}`;
}

/** As GitHub names headings. */
function anchorOf(name: string): string {
  return name.replaceAll(" ", "-");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
