import { copyFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Folder, line, linesOf, NOW_MS, ORG, openFolder, textsOf } from "./folder.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await openFolder();
});
afterEach(() => folder.close());

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) =>
    line(from + i, `line ${from + i} ${"x".repeat(40)}`),
  );
}

function content(from: number, to: number): string {
  return lines(from, to)
    .map((one) => `${one}\n`)
    .join("");
}

test("sees in each query what was written before it", async () => {
  await folder.write("app.log", "");
  const source = await folder.open();
  for (const minute of [1, 2, 3]) {
    await folder.append("app.log", content(minute, minute));
    expect(await textsOf(source)).toEqual(lines(1, minute));
  }
});

test("continues an entry that goes on after it was read", async () => {
  await folder.write("app.log", `${line(1, "failed", "ERROR")}\n`);
  const source = await folder.open();
  expect(await textsOf(source)).toHaveLength(1);
  await folder.append("app.log", "    at pay (pay.js:1)\n");
  expect(await textsOf(source)).toEqual([`${line(1, "failed", "ERROR")}\n    at pay (pay.js:1)`]);
});

test("counts a last line without an end only when it is finished or old", async () => {
  let nowMs = NOW_MS;
  await folder.write("app.log", `${line(1)}\n${line(2, "half")}`);
  await folder.touch("app.log", nowMs);
  const source = await folder.open({ now: () => nowMs });
  expect(await textsOf(source)).toEqual([line(1)]);
  nowMs += 6_000;
  expect(await textsOf(source)).toEqual([line(1), line(2, "half")]);
  await folder.append("app.log", " whole\n");
  expect(await textsOf(source)).toEqual([line(1), line(2, "half whole")]);
});

test("finds new files that match", async () => {
  await folder.write("a.log", content(1, 1));
  const source = await folder.open({ paths: [{ pattern: folder.at("**/*.log") }] });
  expect(await textsOf(source)).toHaveLength(1);
  await folder.write("deep/er/b.log", content(2, 2));
  await folder.write("deep/er/b.txt", content(3, 3));
  expect(await textsOf(source)).toEqual(lines(1, 2));
});

test("follows a log through rotation by renaming", async () => {
  await folder.write("app.log", content(1, 3));
  const source = await folder.open();
  await source.indexed();
  await rename(folder.at("app.log"), folder.at("app.log.1"));
  expect(await textsOf(source)).toEqual(lines(1, 3));
  await folder.write("app.log", content(4, 5));
  expect(await textsOf(source)).toEqual(lines(1, 5));
  expect(new Set((await linesOf(source)).map(({ service }) => service))).toEqual(new Set(["app"]));
  expect((await source.health(ORG)).warnings).toEqual([]);
});

test("never counts a line twice while rotation compresses or copies a file", async () => {
  await folder.write("app.log", content(1, 500));
  const source = await folder.open();
  expect(await textsOf(source)).toEqual(lines(1, 500));

  await copyFile(folder.at("app.log"), folder.at("app.log.1"));
  expect(await textsOf(source)).toEqual(lines(1, 500));
  expect((await source.health(ORG)).warnings).toEqual([
    `${folder.at("app.log.1")} is a copy of ${folder.at("app.log")} and not read again.`,
  ]);
  await truncate(folder.at("app.log"));
  expect(await textsOf(source)).toEqual(lines(1, 500));
  await folder.append("app.log", content(501, 501));
  expect(await textsOf(source)).toEqual(lines(1, 501));

  const packed = gzipSync(content(1, 500));
  await folder.write("app.log.1.gz", packed.subarray(0, packed.length / 2));
  expect(await textsOf(source)).toEqual(lines(1, 501));
  await folder.write("app.log.1.gz", packed);
  expect(await textsOf(source)).toEqual(lines(1, 501));
  await rm(folder.at("app.log.1"));
  expect(await textsOf(source)).toEqual(lines(1, 501));
});

test("starts again when a log was emptied, also when it has grown past its old size since", async () => {
  await folder.write("app.log", content(1, 3));
  const source = await folder.open();
  await source.indexed();
  await writeFile(folder.at("app.log"), content(4, 4));
  expect(await textsOf(source)).toEqual(lines(4, 4));
  await writeFile(folder.at("app.log"), content(5, 9));
  expect(await textsOf(source)).toEqual(lines(5, 9));
  expect((await source.health(ORG)).warnings).toEqual([
    `${folder.at("app.log")} was emptied and begun again 2 times: the lines before are gone.`,
  ]);
});

test("reports a log that is gone, and goes on with the others", async () => {
  await folder.write("a.log", content(1, 1));
  await folder.write("b.log", content(2, 2));
  const source = await folder.open();
  await source.indexed();
  await rm(folder.at("a.log"));
  expect(await textsOf(source)).toEqual(lines(2, 2));
  expect(await source.health(ORG)).toMatchObject({
    ok: true,
    warnings: ["1 file read before is gone, and the lines with it."],
  });
  await rm(folder.at("b.log"));
  expect(await textsOf(source)).toEqual([]);
  expect(await source.health(ORG)).toMatchObject({ ok: false });
});

test("ends a file's lines where it vanishes under a query, and gives those of the others", async () => {
  await folder.write("a.log", content(1, 9_000));
  await folder.write("b.log", content(8_999, 9_001));
  const source = await folder.open();
  const texts: string[] = [];
  for await (const { text } of source.lines(ORG, {
    fromMs: 0,
    toMs: NOW_MS,
    order: "oldest first",
    limit: 1e6,
  })) {
    if (texts.length === 0) await rm(folder.at("a.log"));
    texts.push(text);
  }
  expect(texts[0]).toBe(lines(1, 1)[0]);
  expect(texts.slice(-3)).toEqual(lines(8_999, 9_001));
  expect(texts.length).toBeLessThan(9_000);
});

test("gives the same lines however the writing was cut into pieces", async () => {
  const all = `${lines(1, 30).join("\n")}\n`;
  const cuts = fc.array(fc.integer({ min: 0, max: all.length }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(cuts, async (places) => {
      const own = await openFolder();
      try {
        await own.write("app.log", "");
        const source = await own.open();
        let written = 0;
        for (const place of [...places, all.length].toSorted((a, b) => a - b)) {
          await own.append("app.log", all.slice(written, place));
          written = place;
          const expected = all
            .slice(0, written)
            .split("\n")
            .filter((one) => one.length > 29);
          const found = await textsOf(source);
          expect(found.slice(0, expected.length - 1)).toEqual(expected.slice(0, -1));
        }
        expect(await textsOf(source)).toEqual(lines(1, 30));
        const { fromMs, toMs } = {
          fromMs: Date.parse(line(0).slice(0, 24)),
          toMs: Date.parse(line(31).slice(0, 24)),
        };
        const [series] = await source.counts(ORG, { fromMs, toMs, stepMs: toMs - fromMs });
        expect(series?.counts).toEqual([30]);
      } finally {
        await own.close();
      }
    }),
    { numRuns: 25 },
  );
});
