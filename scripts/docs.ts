/**
 * Writes what is made from code: docs/commands.md, the table of docs/configuration.md, the picture of docs/architecture.md. With
 * `--check` it changes nothing and exits 1 when one is behind.
 */
import { readFile, writeFile } from "node:fs/promises";
import { createCatalogue } from "../src/commands/index.ts";
import { settingsTable } from "../src/config.ts";
import { metricsTable } from "../src/telemetry/table.ts";
import { commandsInMarkdown } from "./docs/commands.ts";
import { roomsAsSvg } from "./docs/rooms.ts";

// Commands close over what they are given, and ask nothing of it before they are called.
const catalogue = createCatalogue({} as Parameters<typeof createCatalogue>[0]);

await put("commands.md", (before) => withPart(before, "commands", commandsInMarkdown(catalogue)));
await put("configuration.md", (before) => withPart(before, "settings", settingsTable()));
await put("operating.md", (before) => withPart(before, "metrics", metricsTable()));
await put("architecture.svg", () => roomsAsSvg());

async function put(name: string, made: (before: string) => string): Promise<void> {
  const file = new URL(`../docs/${name}`, import.meta.url);
  const before = await readFile(file, "utf8").catch(() => "");
  const after = made(before);
  if (!process.argv.includes("--check")) {
    await writeFile(file, after);
  } else if (after !== before) {
    console.error(`docs/${name} is behind the code. Run npm run docs.`);
    process.exitCode = 1;
  }
}

function withPart(page: string, part: string, made: string): string {
  const begin = `<!-- ${part}: made by npm run docs -->`;
  const end = `<!-- /${part} -->`;
  return page.replace(new RegExp(`${begin}[\\s\\S]*?${end}`), () => `${begin}\n${made}\n${end}`);
}
