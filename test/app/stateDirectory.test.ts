import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { consoleToken, replayedAsMs } from "../../src/stateDirectory.ts";

const MINUTE = 60_000;
const NOW_MS = Date.UTC(2026, 10, 24, 12);

let directory: string;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "loghunter-state-")), "not", "there yet");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("the console's token", () => {
  test("stays the same between starts, and is readable by its owner only", async () => {
    const token = await consoleToken(directory);

    expect(token).toMatch(/^[\w-]{32}$/);
    expect(await consoleToken(directory)).toBe(token);
    expect((await stat(join(directory, "console-token"))).mode & 0o077).toBe(0);
  });

  test("is made anew where the kept one is no token", async () => {
    await consoleToken(directory);
    await writeFile(join(directory, "console-token"), "guess me\n");

    expect(await consoleToken(directory)).toMatch(/^[\w-]{32}$/);
  });
});

describe("the recorded incidents", () => {
  test("stay at the same time when started again soon, and are the present again later", async () => {
    expect(await replayedAsMs(directory, NOW_MS)).toBe(NOW_MS);
    expect(await replayedAsMs(directory, NOW_MS + 20 * MINUTE)).toBe(NOW_MS);
    expect(await replayedAsMs(directory, NOW_MS + 31 * MINUTE)).toBe(NOW_MS + 31 * MINUTE);
  });

  test("are the present where the clock was set back, or what was kept is no time", async () => {
    await replayedAsMs(directory, NOW_MS);
    expect(await replayedAsMs(directory, NOW_MS - MINUTE)).toBe(NOW_MS - MINUTE);
    await writeFile(join(directory, "replayed-as"), "yesterday\n");
    expect(await replayedAsMs(directory, NOW_MS)).toBe(NOW_MS);
  });
});
