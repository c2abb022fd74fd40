import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { UserError } from "../../../src/errors.ts";
import { copyOfPackage, isThere, query, scratchFolder, start, startInstance } from "./scratch.ts";

/** Named apart from their calls, where knip would take them for packages that are not listed. */
const [MOUNT, UMOUNT] = ["mount", "umount"] as const;

async function failureOf(work: Promise<unknown>): Promise<string> {
  const err = await work.then(
    () => undefined,
    (err) => err,
  );
  expect(err).toBeInstanceOf(UserError);
  return err.message;
}

describe("what a person can put right is said in one sentence:", () => {
  test("no server for this kind of machine", async () => {
    const instance = startInstance({ directory: await scratchFolder(), arch: "mips" });
    expect(await instance.said).toEqual({
      name: "UserError",
      message: expect.stringMatching(/^No PostgreSQL for \w+-mips came with .* set DATABASE_URL/),
    });
  });

  test("a server that does not run here", async () => {
    const broken = await scratchFolder();
    await mkdir(path.join(broken, "native/bin"), { recursive: true });
    for (const name of ["lib", "share"]) await mkdir(path.join(broken, "native", name));
    const postgres = path.join(broken, "native/bin/postgres");
    const attempt = async () => failureOf(start({ directory: await scratchFolder(), package: broken }));

    expect(await attempt()).toMatch(/does not run on this system .* set DATABASE_URL/);
    // What a musl system makes of a program that asks for glibc's loader.
    await writeFile(postgres, "#!/lib/ld-of-another-system.so\n");
    await chmod(postgres, 0o755);
    expect(await attempt()).toMatch(/does not run on this system .* set DATABASE_URL/);
    await writeFile(postgres, "#!/bin/sh\necho 'error while loading shared libraries: libx' >&2; exit 127\n");
    expect(await attempt()).toMatch(/does not run on this system .* set DATABASE_URL/);
  });

  test("data of another PostgreSQL", async () => {
    const directory = await scratchFolder();
    await mkdir(path.join(directory, "data"));
    await writeFile(path.join(directory, "data/PG_VERSION"), "14\n");
    expect(await failureOf(start({ directory }))).toMatch(
      /made by PostgreSQL 14, and .* PostgreSQL 15: move/,
    );
  });

  test("something in the place of the data", async () => {
    const directory = await scratchFolder();
    await mkdir(path.join(directory, "data"));
    expect(await failureOf(start({ directory }))).toMatch(/data is not a database: move it away/);
  });

  test("a file in the place of the folder", async () => {
    const file = path.join(await scratchFolder(), "file");
    await writeFile(file, "");
    expect(await failureOf(start({ directory: file }))).toMatch(/file is a file where a folder/);
    expect(await failureOf(start({ directory: path.join(file, "in") }))).toMatch(/is a file where a folder/);
  });

  test("a link to nothing in the place of the folder", async () => {
    const link = path.join(await scratchFolder(), "link");
    await symlink(path.join(await scratchFolder(), "gone"), link);
    expect(await failureOf(start({ directory: link }))).toMatch(/link is a link to something that does not/);
  });

  describe("a disk that is full or can only be read", () => {
    const disks: string[] = [];
    afterEach(() => {
      for (const disk of disks.splice(0)) execFileSync(UMOUNT, ["-l", disk]);
    });

    /** A disk of its own, or undefined where this account may not mount one. */
    async function smallDisk(size: string): Promise<string | undefined> {
      const disk = await scratchFolder();
      try {
        execFileSync(MOUNT, ["-t", "tmpfs", "-o", `size=${size},mode=755`, "tmpfs", disk], {
          stdio: "ignore",
        });
      } catch {
        return undefined;
      }
      disks.push(disk);
      return disk;
    }

    test("when nothing can be made on it, whatever is there already (mounts a disk: as root only)", async () => {
      const disk = await smallDisk("1m");
      if (disk === undefined) return;
      const here = path.join(disk, "here");
      await mkdir(here);
      execFileSync(MOUNT, ["-o", "remount,ro", disk]);
      for (const directory of [here, path.join(here, "postgres"), path.join(disk, "not/there")]) {
        expect(await failureOf(start({ directory }))).toMatch(
          /^\/.* is on a file system that can only be read: set STATE_DIR to a folder that LogHunter may write\.$/,
        );
      }
    });

    test("when the cluster is made (mounts a disk: as root only)", async () => {
      const disk = await smallDisk("20m");
      if (disk === undefined) return;
      const directory = path.join(disk, "postgres");
      expect(await failureOf(start({ directory }))).toBe(
        `The disk that holds ${directory} is full: free some space and start again.`,
      );
      execFileSync(MOUNT, ["-o", "remount,size=200m", disk]);
      const server = await start({ directory });
      expect(server.how).toBe("created");
      await server.stop();
    });

    test("when the server starts (mounts a disk: as root only)", async () => {
      const disk = await smallDisk("200m");
      if (disk === undefined) return;
      const directory = path.join(disk, "postgres");
      await (await start({ directory })).stop();
      const filler = path.join(disk, "filler");
      expect(() =>
        execFileSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"], { stdio: "ignore" }),
      ).toThrow();
      expect(await failureOf(start({ directory }))).toMatch(/^The disk that holds .* is full/);
      await rm(filler);
      const server = await start({ directory });
      expect(server.how).toBe("started");
      await server.stop();
    });
  });
});

describe("a package whose install script never ran", () => {
  test("gets its links, also from two starts at once", async () => {
    const folder = await scratchFolder();
    const bare = await copyOfPackage();
    const links: { target: string }[] = JSON.parse(
      await readFile(path.join(bare, "native/pg-symlinks.json"), "utf8").catch(() => "[]"),
    );
    for (const { target } of links) await rm(path.join(bare, target));

    const directories = [path.join(folder, "one"), path.join(folder, "two")];
    const servers = await Promise.all(directories.map((directory) => start({ directory, package: bare })));
    for (const server of servers) expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
    for (const { target } of links) expect(await isThere(path.join(bare, target))).toBe(true);
    await Promise.all(servers.map((server) => server.stop()));
  });
});
