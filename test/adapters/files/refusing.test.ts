import { execFileSync } from "node:child_process";
import { chmod, mkdir, rename, rm, symlink } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { UserError } from "../../../src/errors.ts";
import { type Folder, line, ORG, openFolder, textsOf } from "./folder.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await openFolder();
});
afterEach(() => folder.close());

async function refusal(...names: string[]): Promise<string> {
  try {
    await folder.open({ paths: names.map((name) => ({ pattern: folder.at(name) })) });
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return "opened";
}

/** Beside a file that can be read, each of these is a warning. */
async function warnings(): Promise<string[]> {
  await folder.write("good.log", `${line(1)}\n`);
  const source = await folder.open();
  expect(await textsOf(source)).toContain(line(1));
  return (await source.health(ORG)).warnings;
}

const random = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7_919 + (i >> 3) * 104_729) % 256));

test("says which path leads nowhere", async () => {
  expect(await refusal("nowhere.log")).toBe(
    `There is no file or folder ${folder.at("nowhere.log")}: check how the path is written.`,
  );
  expect(await refusal("*.log")).toBe(`No file matches ${folder.at("*.log")} so far.`);
  await mkdir(folder.at("empty/within"), { recursive: true });
  expect(await refusal("empty")).toBe(`There are no files in ${folder.at("empty")}.`);
  expect(await refusal()).toBe("No path to a log file was given.");
});

test("opens what there is when one of several paths leads nowhere", async () => {
  await folder.write("good.log", `${line(1)}\n`);
  const source = await folder.open({
    paths: [{ pattern: folder.at("good.log") }, { pattern: folder.at("later/*.log") }],
  });
  expect(await textsOf(source)).toEqual([line(1)]);
  expect((await source.health(ORG)).warnings).toEqual([
    `No file matches ${folder.at("later/*.log")} so far.`,
  ]);
  await folder.write("later/b.log", `${line(2)}\n`);
  expect(await textsOf(source)).toEqual([line(1), line(2)]);
  expect((await source.health(ORG)).warnings).toEqual([]);
});

test("passes over what is not lines of text, and says what it is", async () => {
  await folder.write("core.log", random);
  await folder.write("short.log", Buffer.from("te\0\0\0\0xt\n"));
  await folder.write("wide.log", Buffer.from(`\ufeff${line(1)}\n`, "utf16le"));
  await folder.write("old.log.zst", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]));
  await folder.write("image.log.gz", gzipSync(random));
  const at = (name: string) => folder.at(name);
  expect((await warnings()).toSorted()).toEqual(
    [
      `${at("core.log")} holds binary data, not lines of text.`,
      `${at("image.log.gz")} holds binary data, not lines of text.`,
      `${at("old.log.zst")} is packed with zstd, which is not read: unpack it, or pack it with gzip.`,
      `${at("short.log")} holds binary data, not lines of text.`,
      `${at("wide.log")} is UTF-16 text, which is not read: convert it to UTF-8.`,
    ].toSorted(),
  );
  expect(await refusal("core.log")).toBe(`${at("core.log")} holds binary data, not lines of text.`);
});

test("reads a file that becomes a log after all", async () => {
  await folder.write("app.log", random);
  await warnings();
  const source = await folder.open();
  await folder.write("app.log", `${line(2)}\n`);
  expect(await textsOf(source)).toEqual([line(1), line(2)]);
  expect((await source.health(ORG)).warnings).toEqual([]);
});

test("opens no pipe and no device", async () => {
  execFileSync("mkfifo", [folder.at("pipe.log")]);
  await symlink("/dev/zero", folder.at("zero.log"));
  expect(await warnings()).toEqual([
    `${folder.at("pipe.log")} is a named pipe, not a file: only files and folders can be read.`,
    `${folder.at("zero.log")} is a device, not a file: only files and folders can be read.`,
  ]);
});

test("follows symbolic links, but not in circles", async () => {
  await folder.write("deep/in/app.log", `${line(2)}\n`);
  await symlink(folder.path, folder.at("deep/in/up"));
  await symlink("self", folder.at("self"));
  await symlink(folder.at("deep/in/app.log"), folder.at("linked.log"));
  expect(await warnings()).toEqual([`${folder.at("self")} is a symbolic link that leads back to itself.`]);
  const source = await folder.open({ paths: [{ pattern: folder.at("**/*.log") }] });
  expect(await textsOf(source)).toEqual([line(1), line(2)]);
});

test("uses what comes before the fault of a cut-off or damaged .gz", async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `${line(i, `${(i * 7_919) % 104_729}`)}\n`);
  const packed = gzipSync(lines.join(""));
  await folder.write("cut.log.gz", packed.subarray(0, packed.length - 20));
  const damaged = Buffer.from(packed);
  const middle = Math.floor(packed.length / 2);
  damaged.fill(0xff, middle, middle + 64);
  await folder.write("damaged/bad.log.gz", damaged);
  await folder.write("empty.log.gz", packed.subarray(0, 5));
  const source = await folder.open();
  expect((await textsOf(source, { services: ["cut"] })).length).toBeGreaterThan(19_000);
  const before = await textsOf(source, { services: ["bad"] });
  expect(before.length).toBeGreaterThan(5_000);
  expect(before.slice(0, 5_000)).toEqual(lines.slice(0, 5_000).map((one) => one.trim()));
  expect((await source.health(ORG)).warnings.slice(0, 3).toSorted()).toEqual(
    [
      `${folder.at("cut.log.gz")} is cut off: the lines before the cut are used.`,
      `${folder.at("damaged/bad.log.gz")} is damaged: only the lines before the damage are used.`,
      `${folder.at("empty.log.gz")} is cut off: the lines before the cut are used.`,
    ].toSorted(),
  );
});

test("what all .gz files unpack to has one limit, and a bomb among them leaves room for the others", async () => {
  const MB = 1024 ** 2;
  const bomb = (minute: number) => gzipSync(`${line(minute, "bomb ".repeat(40))}\n`.repeat(100_000));
  await folder.write("a.log.gz", bomb(1));
  await folder.write("b.log.gz", bomb(4));
  await folder.write("c.log.gz", gzipSync(`${line(2)}\n`));
  const damaged = gzipSync(`${line(3)}\n`.repeat(1_000));
  await folder.write("d.log.gz", damaged.subarray(0, damaged.length - 20));
  const source = await folder.open({ unpackedBytes: 4 * MB });
  const count = async (service: string) => (await textsOf(source, { services: [service] })).length;
  expect([await count("c"), (await count("d")) > 0]).toEqual([1, true]);
  // Half of it, and half of the other half, each to the 64 KB that are unpacked at a time.
  const [a, b] = [await count("a"), await count("b")];
  expect(a / b).toBeGreaterThan(1.8);
  expect(a / b).toBeLessThan(2.2);
  const part = "needs more room to unpack than the temporary folder has for it: only its first";
  expect((await source.health(ORG)).warnings.slice(0, 3)).toEqual([
    `${folder.at("a.log.gz")} ${part} 2 MB are used.`,
    `${folder.at("b.log.gz")} ${part} 1 MB are used.`,
    `${folder.at("d.log.gz")} is cut off: the lines before the cut are used.`,
  ]);

  await rm(folder.at("a.log.gz"));
  expect(await count("b")).toBeGreaterThan(1.9 * b);
  expect(await count("c")).toBe(1);
});

test("a .gz for which there is no room at all is named, and the others are read", async () => {
  await folder.write("a.log.gz", gzipSync(`${line(2)}\n`));
  const source = await folder.open({ unpackedBytes: 0 });
  expect(await textsOf(source)).toEqual([]);
  expect((await source.health(ORG)).warnings).toEqual([
    `${folder.at("a.log.gz")} is not used: there is no room left to unpack it in the temporary folder.`,
  ]);
});

test("leaves out a file it may not read until it may", async () => {
  await folder.write("good.log", `${line(1)}\n`);
  await folder.write("secret.log", `${line(2)}\n`);
  await chmod(folder.path, 0o755);
  await chmod(folder.at("secret.log"), 0o000);
  const isRoot = process.getuid?.() === 0;
  // Root may read everything, so it steps down for a while; nothing else of this process opens files meanwhile.
  if (isRoot) process.seteuid?.(65_534);
  try {
    const reason = `${folder.at("secret.log")} may not be read by this user: give the user LogHunter runs as the right to read it.`;
    expect(await refusal("secret.log")).toBe(reason);
    const source = await folder.open();
    expect(await textsOf(source)).toEqual([line(1)]);
    expect(await source.health(ORG)).toMatchObject({ ok: true, warnings: [reason] });
    if (isRoot) process.seteuid?.(0);
    await chmod(folder.at("secret.log"), 0o644);
    if (isRoot) process.seteuid?.(65_534);
    expect(await textsOf(source)).toEqual([line(1), line(2)]);
    expect((await source.health(ORG)).warnings).toEqual([]);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test("names at most ten things that are wrong, the worst first", async () => {
  for (let file = 0; file < 20; file++)
    await folder.write(`undated${file}.log`, "no time\n".repeat(file + 1));
  await folder.write("core.log", random);
  const all = await warnings();
  expect(all).toHaveLength(10);
  expect(all[0]).toMatch(/core\.log holds binary data/);
  expect(all[1]).toMatch(/^20 lines of .*undated19\.log have no time/);
  expect(all[9]).toBe("And 12 more of this kind.");
});

test("answers a query after its last file was moved away with nothing", async () => {
  await folder.write("app.log", `${line(1)}\n`);
  const source = await folder.open({ paths: [{ pattern: folder.at("app.log") }] });
  await rename(folder.at("app.log"), folder.at("moved"));
  expect(await textsOf(source)).toEqual([]);
});

test("one NUL that somebody got into a log does not hide the log", async () => {
  await folder.write("app.log", `${line(1)}\n${line(2)} agent=\0\n${line(3)}\n`);
  expect(await textsOf(await folder.open())).toHaveLength(3);
});

test("a line dated before 1970 is a line of its minute, and breaks nothing", async () => {
  await folder.write(
    "app.log",
    "2026-11-24T03:00:00Z INFO fine\n2026-11-24T03:00:10Z ERROR bad\n1969-12-31T23:10:00Z ERROR eve\n",
  );
  const source = await folder.open();
  await source.indexed();

  const everMs = { fromMs: Date.UTC(1890, 0, 1), toMs: Date.UTC(2200, 0, 1) };
  expect(await source.services(ORG, everMs)).toEqual([{ service: "app", namespace: "" }]);
  const eve = { fromMs: -7_200_000, toMs: 0, stepMs: 3_600_000 };
  expect((await source.counts(ORG, eve)).map(({ level, counts }) => [level, counts])).toEqual([
    ["ERROR", [0, 1]],
  ]);
});
