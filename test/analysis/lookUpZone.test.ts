import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPT = `
import { instantOf } from "./src/analysis/lookUp.ts";
for (const written of process.argv.slice(1)) console.log(instantOf(written));`;

test("a time that a model writes without a zone is UTC, wherever the process runs", () => {
  const written = [
    "2026-01-31T14:00:00",
    "2026-01-31 14:00",
    "2026-01-31T14:00:00Z",
    "2026-01-31T16:00:00+02:00",
  ];
  const args = ["--import", "tsx", "--input-type=module", "--eval", SCRIPT, ...written];
  const read = execFileSync(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: "", TZ: "Asia/Tokyo" },
    encoding: "utf8",
  });
  expect(read.trim().split("\n").map(Number)).toEqual(written.map(() => Date.UTC(2026, 0, 31, 14)));
});
