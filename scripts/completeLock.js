/**
 * npm leaves optional packages of other systems half-written in package-lock.json, and `npm ci` then
 * refuses the lock everywhere. Run after each `npm install`: it asks the registry for what is missing
 * (version, os, cpu, libc, integrity) and writes it in. Exits 1 with `--check` when anything is missing.
 */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const lockFile = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(await readFile(lockFile, "utf8"));
const checkOnly = process.argv.includes("--check");

const missing = [];
for (const owner of Object.values(lock.packages)) {
  for (const [name, range] of Object.entries(owner.optionalDependencies ?? {})) {
    const entry = lock.packages[`node_modules/${name}`];
    if (entry?.version === undefined) missing.push({ name, range });
  }
}

if (checkOnly) {
  for (const { name, range } of missing) console.error(`not in the lock: ${name}@${range}`);
  process.exitCode = missing.length === 0 ? 0 : 1;
} else {
  for (const { name, range } of missing) lock.packages[`node_modules/${name}`] = await describe(name, range);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(lockFile, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`completed ${missing.length} entries`);
}

async function describe(name, range) {
  const fields = ["version", "os", "cpu", "libc", "dist.integrity", "license", "engines"];
  const { stdout } = await run("npm", ["view", `${name}@${range}`, ...fields, "--json"]);
  const answer = JSON.parse(stdout);
  const found = Array.isArray(answer) ? answer.at(-1) : answer;
  return {
    version: found.version,
    integrity: found["dist.integrity"],
    ...(found.cpu && { cpu: [found.cpu].flat() }),
    ...(found.libc && { libc: [found.libc].flat() }),
    ...(found.license && { license: found.license }),
    optional: true,
    ...(found.os && { os: [found.os].flat() }),
    ...(found.engines && { engines: found.engines }),
  };
}
