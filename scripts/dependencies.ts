/**
 * Each direct dependency has its sentence in docs/decisions/dependencies.md, and everything that is shipped a licence that
 * lets it be: exits 1 and says where that is not so.
 */
import { readFile } from "node:fs/promises";

interface Package {
  license?: string | { type?: string };
  dev?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** Those that ask for no more than their own text to be kept. */
const ALLOWED: ReadonlySet<string> = new Set([
  ...["MIT", "MIT-0", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "BlueOak-1.0.0"],
  ...["Unlicense", "CC0-1.0", "CC-BY-4.0", "Python-2.0", "Zlib", "PostgreSQL"],
]);

/** By name, or the beginning of names that end in *. */
const EXCEPTIONS: Record<string, { licence: string; why: string }> = {
  "@resvg/resvg-js*": {
    licence: "MPL-2.0",
    why: "asks for the source of changed files of its own; it is used as it is published",
  },
};

const root = process.argv[2] ?? ".";
const own: Package = JSON.parse(await readFile(`${root}/package.json`, "utf8"));
const lock: { packages: Record<string, Package> } = JSON.parse(
  await readFile(`${root}/package-lock.json`, "utf8"),
);
const sentences = await readFile(`${root}/docs/decisions/dependencies.md`, "utf8");
const wrong: string[] = [];

const named = [...sentences.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
for (const name of Object.keys({ ...own.dependencies, ...own.devDependencies, ...own.optionalDependencies }))
  if (!named.some((pattern) => fits(name, pattern)))
    wrong.push(`${name} has no sentence in docs/decisions/dependencies.md`);

let shipped = 0;
for (const [path, locked] of Object.entries(lock.packages)) {
  if (path === "" || locked.dev === true) continue;
  shipped++;
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const licence = licenceIn(await installed(path)) ?? licenceIn(locked) ?? "none";
  const exception = Object.entries(EXCEPTIONS).find(([pattern]) => fits(name, pattern))?.[1];
  if (!isAllowed(licence) && exception?.licence !== licence) wrong.push(`${name} is under ${licence}`);
}

for (const each of wrong) console.error(each);
if (wrong.length > 0) process.exitCode = 1;
else console.log(`${shipped} packages are shipped, all under a licence that lets them be.`);

/** What is installed says it itself; packages of other systems are not there. */
async function installed(path: string): Promise<Package> {
  const text = await readFile(`${root}/${path}/package.json`, "utf8").catch(() => "{}");
  return JSON.parse(text);
}

function licenceIn({ license }: Package): string | undefined {
  return typeof license === "object" ? license.type : license;
}

/** https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/, as far as packages use it. */
function isAllowed(licence: string): boolean {
  const choices = licence.replaceAll(/[()]/g, "").split(" OR ");
  return choices.some((choice) => choice.split(" AND ").every((one) => ALLOWED.has(one.trim())));
}

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
