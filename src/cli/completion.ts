import type { Command } from "commander";
import { CliError, EXIT } from "./exit.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

interface Words {
  /** "" for the program itself, `filters save`. */
  path: string;
  words: { word: string; what: string }[];
}

/** What a shell is told so that it completes commands and options: made of the program itself, so that it cannot lag behind. */
export function completionFor(program: Command, shell: string): string {
  const all = wordsOf(program, "");
  switch (shell) {
    case "bash":
      return bash(program.name(), all);
    case "zsh":
      return `#compdef ${program.name()}\nautoload -U +X bashcompinit && bashcompinit\n${bash(program.name(), all)}`;
    case "fish":
      return fish(program.name(), all);
    default:
      throw new CliError(`There is no completion for "${shell}". Use ${SHELLS.join(", ")}.`, EXIT.usage);
  }
}

function wordsOf(command: Command, path: string): Words[] {
  const subcommands = command.commands.filter((each) => each.name() !== "help");
  const words = [
    ...subcommands.map((each) => ({ word: each.name(), what: each.summary() || each.description() })),
    ...command.options.map(({ long, description }) => ({ word: long ?? "", what: description })),
  ].filter(({ word }) => word !== "");
  return [
    { path, words },
    ...subcommands.flatMap((each) => wordsOf(each, path === "" ? each.name() : `${path} ${each.name()}`)),
  ];
}

function bash(name: string, all: readonly Words[]): string {
  const cases = all.map(
    ({ path, words }) =>
      `    ${JSON.stringify(path)}) words=${JSON.stringify(words.map(({ word }) => word).join(" "))} ;;`,
  );
  const paths = all.map(({ path }) => path).filter((path) => path !== "");
  return `\
_${name}() {
  local path="" word words known=${JSON.stringify(`|${paths.join("|")}|`)}
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$known" in *"|\${path:+$path }$word|"*) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _${name} ${name}
`;
}

function fish(name: string, all: readonly Words[]): string {
  return all
    .flatMap(({ path, words }) => {
      const parts = path === "" ? [] : path.split(" ");
      const later = all
        .filter((one) => one.path !== path && one.path.startsWith(path === "" ? "" : `${path} `))
        .map((one) => one.path.split(" ")[parts.length] ?? "")
        .filter((word, at, list) => word !== "" && list.indexOf(word) === at);
      const condition = [
        ...parts.map((part) => `__fish_seen_subcommand_from ${part}`),
        ...(later.length === 0 ? [] : [`not __fish_seen_subcommand_from ${later.join(" ")}`]),
      ].join("; and ");
      return words.map(({ word, what }) => {
        const option = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
        return `complete -c ${name} -f -n '${condition || "true"}' ${option} -d ${quoted(what)}`;
      });
    })
    .join("\n")
    .concat("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
