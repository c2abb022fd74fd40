import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Folder, line, NOW_MS, ORG, openFolder, textsOf } from "./folder.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await openFolder();
});
afterEach(() => folder.close());

const MB = 1024 ** 2;

/** In a file of its own: what other tests leave to be collected would be measured too. */
test("holds no more than its memory for lines while it reads, however short they are", async () => {
  // 8 million entries, each with a time: 160 MB of tables, and as much again while they were collected.
  await folder.write("app.log", `${line(1)}\n`);
  for (let mb = 0; mb < 16; mb++) await folder.append("app.log", "a\n".repeat(MB / 2));
  const held = () => process.memoryUsage().arrayBuffers;
  const before = held();
  const source = await folder.open({ rememberedBytes: 4 * MB });
  let most = 0;
  const sampling = setInterval(() => {
    most = Math.max(most, held() - before);
  }, 5);
  await source.indexed();
  clearInterval(sampling);
  expect(most).toBeGreaterThan(MB);
  // What nobody holds any more is collected when the collector likes.
  expect(most).toBeLessThan(100 * MB);
  expect((await source.health(ORG)).summary).toContain("8,388,609 lines");
});

test("tells no more services apart than anybody runs, and shows the lines of the others under the file's name", async () => {
  const lines = Array.from({ length: 50_010 }, (_, i) => `{"time":"2026-11-24T03:00:00Z","service":"s${i}"}`);
  await folder.write("app.log", `${lines.join("\n")}\n`);
  const source = await folder.open();
  expect(await source.services(ORG, { fromMs: 0, toMs: NOW_MS })).toHaveLength(50_001);
  expect(await textsOf(source, { services: ["app"] })).toEqual(lines.slice(50_000));
  expect(await textsOf(source, { services: ["s49999"] })).toEqual(lines.slice(49_999, 50_000));
  expect((await source.health(ORG)).warnings).toEqual([
    `10 lines of ${folder.at("app.log")} name more services than are told apart and are shown under the file's name: probably something else stands in the field.`,
  ]);
});
