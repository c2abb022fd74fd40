import { readdir } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Folder, linesOf, NOW_MS, ORG, openFolder, textsOf } from "./folder.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await openFolder();
});
afterEach(() => folder.close());

const START_MS = Date.UTC(2026, 10, 24, 3);
const LEVELS = ["INFO", "WARN", "ERROR"] as const;

interface Written {
  atMs: number;
  text: string;
}

/** Always the same numbers, so that a failure comes again. */
function randomly(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Some 1.5 MB, so six blocks, over two hours. */
function manyLines(random: () => number): Written[] {
  return Array.from({ length: 6_000 }, (_, i) => {
    const atMs = START_MS + Math.floor(i * 1_200 + random() * 1_000);
    const level = LEVELS[Math.floor(random() * 3)];
    return { atMs, text: `${new Date(atMs).toISOString()} ${level} order ${i} ${"y".repeat(200)}` };
  });
}

function contentOf(lines: readonly Written[]): string {
  return lines.map(({ text }) => `${text}\n`).join("");
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

const disorders: Record<string, (lines: Written[], random: () => number) => Written[]> = {
  "in order": (lines) => lines,
  backwards: (lines) => lines.toReversed(),
  "of two logs, one after the other": (lines) => [
    ...lines.filter((_, i) => i % 2 === 0),
    ...lines.filter((_, i) => i % 2 === 1),
  ],
  "a few places off": (lines, random) =>
    lines
      .map((line, i) => ({ line, key: i + random() * 20 }))
      .sort((a, b) => a.key - b.key)
      .map(({ line }) => line),
  "thoroughly shuffled": shuffled,
};

test.each(Object.entries(disorders))(
  "gives lines %s in the order of time, and counts them right",
  async (_, disorder) => {
    const random = randomly(7);
    const lines = manyLines(random);
    const inOrder = lines.toSorted((a, b) => a.atMs - b.atMs).map(({ text }) => text);
    await folder.write("app.log", contentOf(disorder(lines, random)));
    // Without memory for its lines every block is parsed again when it is read.
    for (const rememberedBytes of [undefined, 0]) {
      const own = await folder.open(rememberedBytes === undefined ? {} : { rememberedBytes });
      expect(await textsOf(own)).toEqual(inOrder);
    }
    const source = await folder.open({ rememberedBytes: 100_000 });
    expect(await textsOf(source, { order: "newest first", limit: 500 })).toEqual(
      inOrder.slice(-500).toReversed(),
    );

    for (let i = 0; i < 8; i++) {
      const fromMs = START_MS + Math.floor(random() * 7_200_000);
      const range = { fromMs, toMs: fromMs + Math.floor(random() * 600_000) };
      const isIn = ({ atMs }: Written) => atMs >= range.fromMs && atMs < range.toMs;
      const within = lines.filter((line) => isIn(line) && line.text.includes(" ERROR "));
      const found = await textsOf(source, { ...range, levels: ["ERROR"] });
      expect(found.toSorted()).toEqual(within.map(({ text }) => text).toSorted());

      const stepMs = [60_000, 1_000, 7_777.5, 300_000][i % 4] ?? 1;
      const expected = new Array<number>(Math.ceil((range.toMs - range.fromMs) / stepMs)).fill(0);
      for (const { atMs } of within) {
        const step = Math.floor((atMs - fromMs) / stepMs);
        expected[step] = (expected[step] ?? 0) + 1;
      }
      const [series] = await source.counts(ORG, { ...range, stepMs, levels: ["ERROR"] });
      expect(series?.counts ?? expected.map(() => 0)).toEqual(expected);
    }
  },
);

test("merges many files, packed and not, into one order", async () => {
  const random = randomly(11);
  const lines = manyLines(random).slice(0, 3_000);
  for (let file = 0; file < 30; file++) {
    const own = contentOf(lines.filter((_, i) => i % 30 === file));
    await folder.write(`s${file}.log${file % 2 ? ".gz" : ""}`, file % 2 ? gzipSync(own) : own);
  }
  const source = await folder.open();
  const inOrder = lines.toSorted((a, b) => a.atMs - b.atMs).map(({ text }) => text);
  expect(await textsOf(source)).toEqual(inOrder);
  expect(await textsOf(source, { order: "newest first" })).toEqual(inOrder.toReversed());
});

test("leaves no file open, however a query ends", async () => {
  await folder.write("a.log", contentOf(manyLines(randomly(3))));
  await folder.write("b.log.gz", gzipSync(contentOf(manyLines(randomly(4)))));
  const before = await openFiles();
  const source = await folder.open();
  await textsOf(source, { limit: 10 });
  for await (const _ of source.lines(ORG, { fromMs: 0, toMs: NOW_MS, order: "newest first", limit: 1e6 }))
    break;
  const iterator = source
    .lines(ORG, { fromMs: 0, toMs: NOW_MS, order: "newest first", limit: 1e6 })
    [Symbol.asyncIterator]();
  await iterator.next();
  // What a .gz was unpacked to stays open until the source is closed.
  expect(await openFiles()).toBeLessThanOrEqual(before + 1);
  await source.close();
  expect(await openFiles()).toBeLessThanOrEqual(before);
});

test("can be closed while it still reads, and answers no query after", async () => {
  for (let file = 0; file < 4; file++)
    await folder.write(`${file}.log`, contentOf(manyLines(randomly(file))));
  const source = await folder.open();
  expect((await source.health(ORG)).summary).toMatch(/^Reading 4 files in 1 folder, \d+ % so far\.$/);
  const asked = linesOf(source).catch((error: Error) => error.message);
  await source.close();
  expect(await asked).toEqual("the log files are closed");
  await expect(linesOf(source)).rejects.toThrow("the log files are closed");
});

test("refuses more steps than anybody can look at", async () => {
  await folder.write("app.log", contentOf(manyLines(randomly(1)).slice(0, 3)));
  const source = await folder.open();
  const query = { fromMs: START_MS, toMs: START_MS + 7_200_000, stepMs: 1 };
  await expect(source.counts(ORG, query)).rejects.toThrow(
    /100,000 steps: ask for a shorter time or a longer step/,
  );
});

async function openFiles(): Promise<number> {
  return (await readdir("/proc/self/fd").catch(() => [])).length;
}
