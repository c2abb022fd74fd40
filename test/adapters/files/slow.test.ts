import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { FilesSource } from "../../../adapters/files/index.ts";
import { UserError } from "../../../src/errors.ts";
import { type Folder, line, ORG, openFolder, textsOf } from "./folder.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await openFolder();
});
afterEach(() => folder.close());

const MB = 1024 ** 2;
const DAY = { fromMs: Date.UTC(2026, 10, 24), toMs: Date.UTC(2026, 10, 25) };
const FOREVER = { fromMs: 0, toMs: Date.UTC(2099, 0, 1) };
/** Undated lines of one character: the slowest bytes there are, and seconds of work. */
const SLOW = Buffer.alloc(32 * MB, "a\n");

async function asked(source: FilesSource, services?: string[]) {
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  const texts = await textsOf(source, { onNote, ...(services && { services }) });
  return { texts, notes };
}

async function percent(source: FilesSource): Promise<number> {
  const { summary } = await source.health(ORG);
  return Number(/(\d+) % so far/.exec(summary)?.[1] ?? 100);
}

/** Waits until so much of all is read. */
async function atLeast(source: FilesSource, wanted: number): Promise<void> {
  while ((await percent(source)) < wanted) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("a file that takes long holds up no answer from the others, and it is said that it is missing", async () => {
  await folder.write("slow.log", SLOW);
  await folder.write("good.log", `${line(1)}\n`);
  const source = await folder.open();
  const { texts, notes } = await asked(source);
  expect(texts).toEqual([line(1)]);
  expect(notes).toEqual([
    expect.stringMatching(/^slow\.log \(\d+ %\) is still being read: its lines are missing here\.$/),
  ]);
  expect((await source.health(ORG)).summary).toMatch(
    /^Reading 2 files in 1 folder, \d+ % so far: slow\.log \(\d+ %\) is still being read\.$/,
  );

  // What is written meanwhile is seen as ever.
  await folder.append("good.log", `${line(2)}\n`);
  await folder.write("new.log.gz", gzipSync(`${line(3)}\n`));
  expect((await asked(source)).texts).toEqual([line(1), line(2), line(3)]);
  expect((await asked(source)).notes).toHaveLength(1);

  await source.indexed();
  expect(await asked(source)).toEqual({ texts: [line(1), line(2), line(3)], notes: [] });
  expect((await source.health(ORG)).warnings).toEqual([
    `16,777,216 lines of ${folder.at("slow.log")} have no time that can be read and are not shown.`,
  ]);
});

test("of a service whose own file is still being read it is said so, and not that there is none", async () => {
  await folder.write("checkout.log", Buffer.concat([Buffer.from(`${line(1)}\n`), SLOW]));
  await folder.write("good.log", `${line(1)}\n`);
  const source = await folder.open();
  expect((await source.services(ORG, FOREVER)).map(({ service }) => service)).toEqual(["checkout", "good"]);
  const said = /^checkout\.log \(\d+ %\) is still being read, and nothing was found in what was read so far/;
  const lines = asked(source, ["checkout"]);
  await expect(lines).rejects.toThrow(said);
  await expect(lines).rejects.toBeInstanceOf(UserError);
  const counts = source.counts(ORG, { ...DAY, stepMs: 3_600_000, services: ["checkout"] });
  await expect(counts).rejects.toThrow(said);
  expect((await asked(source, ["good"])).texts).toEqual([line(1)]);
  expect((await asked(source, ["nobody"])).texts).toEqual([]);
});

test("the percentage moves while one large file is read, packed or not", async () => {
  await folder.write("slow.log.gz", gzipSync(SLOW));
  const source = await folder.open();
  const seen: number[] = [];
  for (let last = -1; last < 100; ) {
    const now = await percent(source);
    if (now !== last) seen.push(now);
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(seen.length).toBeGreaterThan(10);
  expect(seen.slice(2)).toEqual(seen.slice(2).toSorted((a, b) => a - b));
});

test("much that is added at once holds up nothing either", async () => {
  await folder.write("app.log", `${line(1)}\n`);
  const source = await folder.open();
  expect((await asked(source)).texts).toEqual([line(1)]);
  await folder.append("app.log", `${line(2)}\n${SLOW.toString()}`);
  const { texts, notes } = await asked(source);
  expect(texts).toEqual([line(1)]);
  expect(notes).toEqual([
    expect.stringMatching(/^app\.log \(\d+ %\) is still being read: its newest lines are missing here\.$/),
  ]);
});

test("a log that is emptied while it is read is begun again, and nothing of before is shown", async () => {
  await folder.write("app.log", Buffer.concat([Buffer.from(`${line(1)}\n`), SLOW]));
  const source = await folder.open();
  await atLeast(source, 10);
  await writeFile(folder.at("app.log"), `${line(2)}\n`);
  expect((await asked(source)).texts).toEqual([line(2)]);
  expect((await source.health(ORG)).warnings).toEqual([
    `${folder.at("app.log")} was emptied and begun again 1 time: the lines before are gone.`,
  ]);
});

test("a log that is overwritten with as much while it is read is noticed", async () => {
  await folder.write("app.log", Buffer.concat([SLOW.subarray(0, 21 * MB), Buffer.from(`${line(1)}\n`)]));
  const source = await folder.open();
  await atLeast(source, 10);
  // Of whole lines, so that the last one stands alone.
  const other = Buffer.concat([Buffer.alloc(21 * MB, "bb\n"), Buffer.from(`${line(2)}\n`)]);
  await writeFile(folder.at("app.log"), other);
  await source.indexed();
  expect((await asked(source)).texts).toEqual([line(2)]);
});

test("4 million undated lines of one character are read in a few seconds", async () => {
  await folder.write("app.log", SLOW.subarray(0, 8 * MB));
  const before = process.cpuUsage();
  const source = await folder.open();
  await source.indexed();
  const { user, system } = process.cpuUsage(before);
  // Of the processor: what else the machine does is not what is measured. It was 9 s, and is 0.8 s.
  expect((user + system) / 1_000).toBeLessThan(6_000);
});

test("gives short lines back as they were, over the ends of blocks", async () => {
  const short = Array.from({ length: 50_000 }, (_, i) => `${i % 7}x`);
  await folder.write("app.log", `${[line(1), ...short, line(2), "", "", "z"].join("\n")}\n`);
  for (const rememberedBytes of [undefined, 0]) {
    const source = await folder.open(rememberedBytes === undefined ? {} : { rememberedBytes });
    expect(await textsOf(source)).toEqual([line(1), ...short, line(2), "z"]);
    const [series] = await source.counts(ORG, { ...DAY, stepMs: 86_400_000, levels: ["INFO"] });
    expect(series?.counts).toEqual([2]);
  }
});
