import { readFileSync } from "node:fs";
import type { z } from "zod";
import { UserError } from "./errors.ts";
import { SETTINGS } from "./settings/settings.ts";
import { wordsOf } from "./zodWords.ts";

type Settings = typeof SETTINGS;

/** What the environment says, checked; undefined where it says nothing. */
export type Environment = { [Key in keyof Settings]: z.infer<Settings[Key]["schema"]> | undefined };

/**
 * Reads the environment; a setting may stand in a file that `<name>_FILE` names instead, as secrets of containers do.
 * @throws UserError with a table of what is wrong: names and reasons, never a value.
 */
export function readEnvironment(env: Record<string, string | undefined>): Environment {
  const wrong: string[] = [];
  const values = Object.entries(SETTINGS).map(([key, setting]) => {
    let raw: string | undefined;
    try {
      raw = readOne(env, setting.name);
    } catch (error) {
      wrong.push(`  ${setting.name.padEnd(20)} ${(error as Error).message}`);
    }
    if (raw === undefined || raw.trim() === "") return [key, undefined];
    const parsed = setting.schema.safeParse(raw.trim());
    if (parsed.success) return [key, parsed.data];
    const [issue] = parsed.error.issues;
    wrong.push(`  ${setting.name.padEnd(20)} ${issue === undefined ? "is wrong" : wordsOf(issue)}`);
    return [key, undefined];
  });
  if (wrong.length > 0) {
    throw new UserError(
      `These settings of the environment are wrong:\n${wrong.join("\n")}\nCorrect them and start again; docs/configuration.md lists them all.`,
    );
  }
  return Object.fromEntries(values) as Environment;
}

const NAMES = new Set(Object.values(SETTINGS).map(({ name }): string => name));

function readOne(env: Record<string, string | undefined>, name: string): string | undefined {
  const named = `${name}_FILE`;
  const file = env[named];
  // LOKI_KEY_FILE is a setting itself.
  if (file === undefined || file.trim() === "" || NAMES.has(named)) return env[name];
  if (env[name] !== undefined && env[name].trim() !== "")
    throw new UserError(`is set, and ${named} as well: unset one of them`);
  const text = readSecret(file.trim(), named);
  // Taken for "not set", it would start on another database than the one that was meant.
  if (text.trim() === "")
    throw new UserError(`the file of ${named} is empty: write the value into it, or unset ${named}`);
  return text;
}

function readSecret(file: string, named: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`the file of ${named} cannot be read (${code ?? "no reason given"})`);
  }
}

/** The table of docs/configuration.md, in Markdown. */
export function settingsTable(): string {
  const rows = Object.values(SETTINGS).map((s) => `| \`${s.name}\` | ${s.description} | ${s.unset} |`);
  // Descriptions are read at the start too: there they name a page as it is found in the repository.
  return ["| setting | what it is | when not set |", "|---|---|---|", ...rows]
    .join("\n")
    .replaceAll("](docs/", "](");
}
