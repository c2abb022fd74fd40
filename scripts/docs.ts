/**
 * Writes into the README what is made from code: the table of settings. With `--check` it changes
 * nothing and exits 1 when the README is behind.
 */
import { readFile, writeFile } from "node:fs/promises";
import { settingsTable } from "../src/config.ts";

const file = new URL("../README.md", import.meta.url);
const readme = await readFile(file, "utf8");
const begin = "<!-- settings: made by npm run docs -->";
const end = "<!-- /settings -->";
const written = readme.replace(
  new RegExp(`${begin}[^]*?${end}`),
  () => `${begin}\n${settingsTable()}\n${end}`,
);

if (!process.argv.includes("--check")) {
  await writeFile(file, written);
} else if (written !== readme) {
  console.error("README.md's table of settings is behind src/config.ts. Run npm run docs.");
  process.exitCode = 1;
}
