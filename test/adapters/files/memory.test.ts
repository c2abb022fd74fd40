import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Folder, line, ORG, openFolder } from "./folder.ts";

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
}, 120_000);
