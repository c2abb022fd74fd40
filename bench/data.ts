import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

/** What a benchmark over data was called with: `--data PATH`, and `--out PATH` for what it decided. */
export interface DataArguments {
  data: string;
  out?: string;
}

/**
 * Reads `--data` and `--out`; without data that are there, says where to find some and ends the process with 2.
 * @param whereToFind a sentence
 */
export function dataArguments(whereToFind: string): DataArguments {
  const { values } = parseArgs({ options: { data: { type: "string" }, out: { type: "string" } } });
  if (values.data === undefined || !existsSync(values.data)) {
    const missing = values.data === undefined ? "Give --data PATH." : `There is nothing at ${values.data}.`;
    console.error(`${missing} ${whereToFind}`);
    process.exit(2);
  }
  return { data: values.data, ...(values.out !== undefined && { out: values.out }) };
}

/** The ndjson files of a folder, by name; or the one file. */
export function ndjsonFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith(".ndjson"))
    .sort()
    .map((name) => join(path, name));
}

/** One JSON value a line. Empty lines are passed over. */
export function readNdjson<T>(file: string): T[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as T);
}
