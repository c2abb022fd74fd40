import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { consoleToken, keepReplayedAs, replayedAsMs } from "../../src/stateDirectory.ts";

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

describe("a place where nothing can be kept is said in one sentence:", () => {
  const elsewhere = "set STATE_DIR to a folder that LogHunter may write.";
  const failure = (place: string) =>
    consoleToken(place).then(
      () => "none",
      (error: Error) => `${error.name}: ${error.message}`,
    );
  let scratch: string;
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), "loghunter-state-"));
  });
  afterEach(() => rm(scratch, { recursive: true, force: true }));

  test("a file in its place, or above it", async () => {
    const file = join(scratch, "file");
    await writeFile(file, "");
    const said = `UserError: ${file} is a file where a folder is needed: move it away, or ${elsewhere}`;
    expect(await failure(file)).toBe(said);
    expect(await failure(join(file, "state"))).toBe(said);
  });

  test("a link to nothing, in its place, above it, and in the place of what is kept", async () => {
    const link = join(scratch, "link");
    await symlink(join(scratch, "gone"), link);
    const said = `UserError: ${link} is a link to something that does not exist: make what it leads to, or ${elsewhere}`;
    expect(await failure(link)).toBe(said);
    expect(await failure(join(link, "state"))).toBe(said);
    await symlink(join(scratch, "gone/token"), join(scratch, "console-token"));
    expect(await failure(scratch)).toBe(
      `UserError: ${join(scratch, "console-token")} cannot be made there: ${elsewhere}`,
    );
  });

  test("a link that leads back to itself", async () => {
    const link = join(scratch, "link");
    await symlink(link, link);
    expect(await failure(join(link, "state"))).toMatch(/link.* is a link that leads back to itself: mend it/);
  });

  test("a folder in the place of what is kept", async () => {
    await mkdir(join(scratch, "console-token"));
    expect(await failure(scratch)).toMatch(/console-token is a folder where a file is needed/);
  });

  test("a name that is too long", async () => {
    expect(await failure(join(scratch, "x".repeat(300)))).toMatch(/is too long for a file: set STATE_DIR/);
  });

  test("a place where nothing can be made", async () => {
    if (process.platform !== "linux") return;
    expect(await failure("/proc/loghunter/state")).toBe(
      `UserError: /proc/loghunter cannot be made there: ${elsewhere}`,
    );
  });
});

describe("the recorded incidents", () => {
  const RUNS_FOR = 2 * MINUTE;
  async function shownAs(nowMs: number): Promise<number> {
    const asMs = await replayedAsMs(directory, nowMs, RUNS_FOR);
    await keepReplayedAs(directory, asMs);
    return asMs;
  }

  test("are still to come after a start that failed before they could be seen", async () => {
    expect(await replayedAsMs(directory, NOW_MS, RUNS_FOR)).toBe(NOW_MS);
    expect(await replayedAsMs(directory, NOW_MS + MINUTE, RUNS_FOR)).toBe(NOW_MS + MINUTE);
  });

  test("stay at the same time when started again while they go on, and are the present again when they have ended", async () => {
    expect(await shownAs(NOW_MS)).toBe(NOW_MS);
    expect(await shownAs(NOW_MS + MINUTE)).toBe(NOW_MS);
    expect(await shownAs(NOW_MS + RUNS_FOR)).toBe(NOW_MS + RUNS_FOR);
    expect(await shownAs(NOW_MS + RUNS_FOR + MINUTE)).toBe(NOW_MS + RUNS_FOR);
  });

  test("are the present where the clock was set back, or what was kept is no time", async () => {
    await shownAs(NOW_MS);
    expect(await shownAs(NOW_MS - MINUTE)).toBe(NOW_MS - MINUTE);
    await writeFile(join(directory, "replayed-as"), "yesterday\n");
    expect(await shownAs(NOW_MS)).toBe(NOW_MS);
  });
});
