import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { backUpDaily, healthOf, noteDrill } from "../../src/backup/daily.ts";
import { fileOf } from "../../src/backup/folder.ts";

const DAY_MS = 24 * 60 * 60_000;
const NOW_MS = Date.parse("2026-11-29T12:00:00Z");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "loghunter-daily-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a machine that began with a clock a year ahead", () => {
  test("is backed up every day once that is right, and is not well before", async () => {
    await writeFile(fileOf(folder, NOW_MS + 365 * DAY_MS), "");
    await noteDrill(folder, NOW_MS + 365 * DAY_MS);
    expect(await healthOf(folder, NOW_MS)).toMatchObject({ healthy: false });

    const ending = new AbortController();
    const done: string[] = [];
    await backUpDaily({
      ...{ folder, atMinute: 180, now: () => NOW_MS, signal: ending.signal },
      explain: async (error) => String(error),
      async backUp() {
        await writeFile(fileOf(folder, NOW_MS), "");
        done.push("backed up");
      },
      async drill(file) {
        done.push(`drilled ${path.basename(file)}`);
        ending.abort();
      },
    });
    expect(done).toEqual(["backed up", "drilled loghunter-20261129T120000Z.dump"]);
    expect(await healthOf(folder, NOW_MS + 60_000)).toMatchObject({
      healthy: true,
      newest: { madeAt: "2026-11-29T12:00:00.000Z", ageHours: 0 },
    });
  });
});
