import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { exists } from "../../../adapters/postgres/processes.ts";
import { UserError } from "../../../src/errors.ts";
import {
  copyOfPackage,
  isThere,
  postmasterOf,
  query,
  scratchFolder,
  start,
  startInstance,
} from "./scratch.ts";

/** These change accounts. Run by an ordinary user they are skipped, and all other tests are about that user. */
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("skipped: the tests that change accounts need root");
const asRoot = isRoot ? test : test.skip;
/** Some account that is neither root nor nobody, and one that /etc/passwd does not know. */
const ALICE = { uid: 1, gid: 1 };
const NAMELESS = { uid: 54321, gid: 54321 };

describe("started by root, the server", () => {
  asRoot("runs as nobody, who owns the data", async () => {
    const server = await start({ directory: await scratchFolder() });
    expect((await stat(server.dataDirectory)).uid).toBe(65534);
    expect((await stat(`/proc/${await postmasterOf(server)}`)).uid).toBe(65534);
    await server.stop();
  });

  asRoot("finds a shelter when all of the checkout is closed to nobody, the same one each time", async () => {
    const { directory, shelters, package: closedPackage } = await closedCheckout();
    const first = await start({ directory, shelters, package: closedPackage });
    expect(first.how).toBe("created");
    expect(first.dataDirectory.startsWith(shelters[0] as string)).toBe(true);
    expect((await readFile(path.join(directory, "data-is-elsewhere.txt"), "utf8")).trim()).toBe(
      path.dirname(first.dataDirectory),
    );
    await query(first.url, "create table kept as select 42 as answer");
    await first.stop();

    const second = await start({ directory, shelters, package: closedPackage });
    expect(second.how).toBe("started");
    expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
    await second.stop();

    // Opened later: the data that are there stay in use.
    await chmod(path.dirname(path.dirname(directory)), 0o755);
    const third = await start({ directory, shelters });
    expect(third.dataDirectory).toBe(first.dataDirectory);
    await third.stop();
  });

  asRoot("passes over a shelter that another account has made", async () => {
    const { directory, shelters } = await closedCheckout();
    const [planted, own] = [`${shelters[0]}-planted`, shelters[0] as string];
    await mkdir(planted, { mode: 0o777 });
    await chown(planted, ALICE.uid, ALICE.gid);
    const server = await start({ directory, shelters: [planted, own] });
    expect(server.dataDirectory.startsWith(`${own}/`)).toBe(true);
    await server.stop();
  });

  asRoot("does not lose sight of data that became closed to it", async () => {
    const closed = await scratchFolder();
    const directory = path.join(closed, "postgres");
    await mkdir(path.join(directory, "data"), { recursive: true });
    await chmod(closed, 0o700);
    const err = await start({ directory, shelters: [await scratchFolder()] }).catch((err) => err);
    expect(err).toBeInstanceOf(UserError);
    expect(err.message).toContain(`${closed} is closed to it: run chmod o+x`);
  });

  asRoot("is that of the ordinary user who made it", async () => {
    const directory = await folderOf(ALICE);
    const alice = startInstance({ directory }, ALICE);
    const said = await alice.said;
    expect(said.how).toBe("created");
    expect((await stat(said.dataDirectory)).uid).toBe(ALICE.uid);

    const joined = await start({ directory });
    expect(joined).toMatchObject({ how: "adopted", url: said.url });
    const postmaster = await postmasterOf(joined);
    await alice.stop();
    expect(exists(postmaster)).toBe(true);
    await joined.stop();
    expect(exists(postmaster)).toBe(false);

    const started = await start({ directory });
    expect((await stat(`/proc/${await postmasterOf(started)}`)).uid).toBe(ALICE.uid);
    await started.stop();
    const again = startInstance({ directory }, ALICE);
    expect(await again.said).toMatchObject({ how: "started" });
    await again.stop();
  });
});

describe("started by an ordinary user, the server", () => {
  asRoot("gets its links in a copy when the package is root's and lacks them", async () => {
    const bare = await copyOfPackage();
    execFileSync("find", [bare, "-type", "l", "-delete"]);
    const directory = await folderOf(ALICE);
    const alice = startInstance({ directory, package: bare }, ALICE);
    expect(await alice.said).toMatchObject({ how: "created" });
    expect(await isThere(path.join(bare, "native/lib/libpq.so.5"))).toBe(false);
    await alice.stop();
  });

  asRoot("is refused with a sentence where the data are root's", async () => {
    const directory = await folderOf(ALICE);
    await writeFile(path.join(directory, "data-is-elsewhere.txt"), "/some/shelter\n");
    const alice = startInstance({ directory }, ALICE);
    expect(await alice.said).toMatchObject({
      name: "UserError",
      message: expect.stringContaining("was made by root and is in /some/shelter: start as root"),
    });
  });

  asRoot("is refused with a sentence where the user has no name, as in some containers", async () => {
    const nameless = startInstance({ directory: await folderOf(NAMELESS) }, NAMELESS);
    expect(await nameless.said).toMatchObject({
      name: "UserError",
      message: expect.stringContaining("number 54321 has none in /etc/passwd"),
    });
  });

  asRoot("is refused with a sentence in a folder that is not the user's", async () => {
    const alice = startInstance({ directory: path.join(await scratchFolder(), "postgres") }, ALICE);
    expect(await alice.said).toMatchObject({
      name: "UserError",
      message: expect.stringContaining("LogHunter has no access to"),
    });
  });
});

async function folderOf(account: { uid: number; gid: number }): Promise<string> {
  const folder = await scratchFolder();
  await chown(folder, account.uid, account.gid);
  return folder;
}

/** As under /root: state and package in a folder that only its owner may enter. */
async function closedCheckout() {
  const checkout = path.join(await scratchFolder(), "checkout");
  await mkdir(path.join(checkout, ".loghunter"), { recursive: true });
  await rename(await copyOfPackage(), path.join(checkout, "package"));
  await chmod(checkout, 0o700);
  return {
    directory: path.join(checkout, ".loghunter", "postgres"),
    package: path.join(checkout, "package"),
    shelters: [path.join(await scratchFolder(), "shelter")],
  };
}
