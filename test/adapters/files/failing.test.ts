import { readdirSync, readlinkSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { type Folder, line, ORG, openFolder, textsOf } from "./folder.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await openFolder();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await folder.close();
});

function pathOf(descriptor: number | string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
}

/** Reading that file fails from now on, from that place, as on a disk that dies. */
async function dies(name: string, from = 0): Promise<void> {
  const handle = await open(folder.path);
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const read = prototype.read as (this: FileHandle, ...given: unknown[]) => Promise<unknown>;
  jest.spyOn(prototype, "read").mockImplementation(function (this: FileHandle, ...given: unknown[]) {
    if (pathOf(this.fd) !== folder.at(name) || Number(given[3]) < from) return read.apply(this, given);
    return Promise.reject(Object.assign(new Error("i/o error"), { code: "EIO" }));
  } as never);
}

const openOf = (name: string) =>
  readdirSync("/proc/self/fd").filter((descriptor) => pathOf(descriptor) === folder.at(name)).length;
const ofLinux = process.platform === "linux" ? test : test.skip;

ofLinux("a file that cannot be read any more is told, and what it might be a copy of is read", async () => {
  await folder.write("app.log", [1, 2, 3].map((minute) => `${line(minute)}\n`).join(""));
  await folder.write("app.log.1", [1, 2].map((minute) => `${line(minute)}\n`).join(""));
  const source = await folder.open();
  expect(await textsOf(source)).toHaveLength(3);

  await dies("app.log.1");

  expect(await textsOf(source)).toEqual([1, 2, 3].map((minute) => line(minute)));
  expect((await source.health(ORG)).warnings.join()).toContain(
    `${folder.at("app.log.1")} cannot be read: the system answers EIO.`,
  );
  expect(openOf("app.log.1")).toBe(0);
});

ofLinux("one that fails at its end keeps nobody from the others", async () => {
  const minutes = Array.from({ length: 400 }, (_, minute) => minute % 60);
  const text = minutes.map((minute) => `${line(minute)}\n`).join("");
  await folder.write("app.log", text);
  await folder.write("app.log.1", text);
  const source = await folder.open();
  expect(await textsOf(source)).toHaveLength(400);

  await dies("app.log.1", 4_096);

  expect(await textsOf(source)).toHaveLength(400);
});

ofLinux("a file that fails while it is read stays open for nobody", async () => {
  await folder.write("app.log", `${line(1)}\n`);
  const source = await folder.open();
  await source.indexed();

  await dies("app.log");
  for (let times = 0; times < 3; times++) expect(await textsOf(source)).toEqual([]);

  expect(openOf("app.log")).toBe(0);
});
