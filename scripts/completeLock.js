/**
 * npm leaves optional packages of other systems out of package-lock.json where it could not look at
 * them, and `npm ci` then refuses the lock everywhere. Run after each `npm install`: writes in what is
 * missing, read off the package's name. With `--check` it changes nothing and exits 1 when anything is missing.
 */
import { readFile, writeFile } from "node:fs/promises";

const lockFile = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(await readFile(lockFile, "utf8"));

const missing = [];
for (const owner of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lock.packages[path]?.version === undefined) missing.push({ path, version, dev: owner.dev === true });
  }
}

if (process.argv.includes("--check")) {
  for (const { path, version } of missing) console.error(`not in the lock: ${path}@${version}`);
  if (missing.length > 0) console.error("Run node scripts/completeLock.js.");
  process.exitCode = missing.length === 0 ? 0 : 1;
} else {
  for (const entry of missing) lock.packages[entry.path] = describe(entry);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(lockFile, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`completed ${missing.length} entries`);
}

/** `@swc/core-linux-arm64-musl` says it all: these packages are named by system, processor and C library. */
function describe({ path, version, dev }) {
  const words = path.split(/[/-]/);
  const os = words.find((word) =>
    ["darwin", "linux", "win32", "android", "freebsd", "openharmony"].includes(word),
  );
  const cpu = words.find((word) =>
    ["x64", "arm64", "arm", "ia32", "ppc64", "riscv64", "s390x", "loong64", "wasm32"].includes(word),
  );
  const libc = words.includes("musl") ? "musl" : words.includes("gnu") ? "glibc" : undefined;
  if (!/^\d/.test(version)) throw new Error(`${path} is asked for as ${version}: pin it exactly`);
  return {
    version,
    ...(cpu && { cpu: [cpu] }),
    ...(dev && { dev: true }),
    ...(os === "linux" && libc && { libc: [libc] }),
    optional: true,
    ...(os && { os: [os] }),
  };
}
