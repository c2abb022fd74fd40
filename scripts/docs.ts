/**
 * Writes into the documentation what is made from code: the README's table of settings, and the table of metrics. With `--check` it
 * changes nothing and exits 1 when one of them is behind.
 */
import { readFile, writeFile } from "node:fs/promises";
import { settingsTable } from "../src/config.ts";
import { metricsTable } from "../src/telemetry/table.ts";

const TABLES = [
  { file: "README.md", name: "settings", from: "src/config.ts", text: settingsTable() },
  { file: "docs/operating.md", name: "metrics", from: "src/telemetry/definitions.ts", text: metricsTable() },
];

for (const { file, name, from, text } of TABLES) {
  const url = new URL(`../${file}`, import.meta.url);
  const found = await readFile(url, "utf8");
  const begin = `<!-- ${name}: made by npm run docs -->`;
  const end = `<!-- /${name} -->`;
  const written = found.replace(new RegExp(`${begin}[^]*?${end}`), () => `${begin}\n${text}\n${end}`);
  if (!process.argv.includes("--check")) {
    await writeFile(url, written);
  } else if (written !== found) {
    console.error(`${file}'s table of ${name} is behind ${from}. Run npm run docs.`);
    process.exitCode = 1;
  }
}
