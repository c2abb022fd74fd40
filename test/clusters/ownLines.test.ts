import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { grouping } from "../../bench/grouping.ts";
import { fingerprintOf } from "../../src/clusters/fingerprint.ts";
import { saidBy } from "../../src/clusters/message.ts";

const LINES = fileURLToPath(new URL("../fixtures/lines", import.meta.url));

/** What is reached, less a group or two: names in plain words, which no rule knows, are the errors. */
const FLOORS: Readonly<Record<string, number>> = {
  dotnet: 0.94,
  go: 0.94,
  java: 0.95,
  kubernetes: 0.97,
  node: 0.95,
  php: 0.97,
  python: 0.95,
  ruby: 0.97,
  rust: 0.92,
  servers: 0.96,
  structured: 0.87,
};

const files = readdirSync(LINES).filter((name) => name.endsWith(".ndjson"));

function accuracyOf(file: string): number {
  const entries = readFileSync(join(LINES, file), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { content: string; event: string });
  const groups = entries.map(({ content }) => fingerprintOf(saidBy(content)));
  return grouping(
    entries.map(({ event }) => event),
    groups,
  ).ga;
}

describe("the fingerprints of the labelled lines", () => {
  test.each(files)("tell the events of %s apart", (file) => {
    expect(accuracyOf(file)).toBeGreaterThanOrEqual(FLOORS[file.replace(".ndjson", "")] ?? 1);
  });

  test("are right for 97 lines of 100", () => {
    const sum = files.map(accuracyOf).reduce((total, accuracy) => total + accuracy, 0);
    expect(sum / files.length).toBeGreaterThanOrEqual(0.97);
  });
});
