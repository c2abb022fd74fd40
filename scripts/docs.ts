/**
 * Writes what is made from code: the tables of docs/configuration.md and docs/commands.md. With `--check` it changes nothing and
 * exits 1 when one is behind.
 */
import { readFile, writeFile } from "node:fs/promises";
import { createCatalogue } from "../src/commands/index.ts";
import { settingsTable } from "../src/config.ts";
import { commandsInMarkdown } from "./docs/commands.ts";

const MADE = [
  // Commands close over what they are given, and ask nothing of it before they are called.
  {
    page: "commands",
    part: "commands",
    made: () => commandsInMarkdown(createCatalogue({} as Parameters<typeof createCatalogue>[0])),
  },
  { page: "configuration", part: "settings", made: settingsTable },
];

for (const { page, part, made } of MADE) {
  const file = new URL(`../docs/${page}.md`, import.meta.url);
  const before = await readFile(file, "utf8");
  const begin = `<!-- ${part}: made by npm run docs -->`;
  const end = `<!-- /${part} -->`;
  const after = before.replace(new RegExp(`${begin}[^]*?${end}`), () => `${begin}\n${made()}\n${end}`);
  if (!process.argv.includes("--check")) {
    await writeFile(file, after);
  } else if (after !== before) {
    console.error(`docs/${page}.md is behind the code. Run npm run docs.`);
    process.exitCode = 1;
  }
}
