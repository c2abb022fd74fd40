import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Folder, linesOf, ORG, openFolder } from "./folder.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await openFolder();
});
afterEach(() => folder.close());

async function timesIn(name: string, zoneOffsetMinutes = 0): Promise<string[]> {
  const source = await folder.open({ paths: [{ pattern: folder.at(name) }], zoneOffsetMinutes });
  return (await linesOf(source)).map(({ atNs }) => new Date(Number(atNs / 1_000_000n)).toISOString());
}

test("puts lines of several zones at the time at which they were written", async () => {
  await folder.write(
    "app.log",
    [
      "2026-11-24 13:00:00 AEST ERROR Brisbane",
      "2026-11-24 04:01:00 CET ERROR Paris",
      "2026-11-24 06:02:00 MSK ERROR Moscow",
      "2026-11-24T04:03:00+01:00[Europe/Berlin] ERROR Berlin",
      "2026-11-24 05:04:00 UTC+2 ERROR Kyiv",
      "2026-11-24 00:05:00 America/Sao_Paulo ERROR São Paulo",
      "2026-11-24 03:06:00 ERROR nowhere",
      "",
    ].join("\n"),
  );
  const expected = [0, 1, 2, 3, 4, 5, 6].map((minute) => `2026-11-24T03:0${minute}:00.000Z`);
  expect(await timesIn("app.log")).toEqual(expected);
  expect((await timesIn("app.log", 60))[0]).toBe("2026-11-24T02:06:00.000Z");
  const source = await folder.open();
  await source.indexed();
  expect((await source.health(ORG)).warnings).toEqual([]);
});

test("reads a zone it does not know as it reads times without one, and says so", async () => {
  const lines = (zone: string, count: number) => `2026-11-24 03:00:00 ${zone} INFO x\n`.repeat(count);
  await folder.write("few.log", lines("QZT", 1));
  await folder.write("many.log", `${lines("AEST", 2)}${lines("XYZT", 1_200)}`);
  expect(new Set(await timesIn("few.log", -210))).toEqual(new Set(["2026-11-24T06:30:00.000Z"]));
  const warnings = async (zoneOffsetMinutes: number) => {
    const source = await folder.open({ zoneOffsetMinutes });
    await source.indexed();
    return (await source.health(ORG)).warnings;
  };
  expect(await warnings(0)).toEqual([
    `1,200 lines of ${folder.at("many.log")} name a zone that is not known (XYZT) and are read as UTC: set LOGS_UTC_OFFSET if that is wrong.`,
    `1 line of ${folder.at("few.log")} names a zone that is not known (QZT) and is read as UTC: set LOGS_UTC_OFFSET if that is wrong.`,
  ]);
  expect((await warnings(-210))[1]).toContain("is read as UTC-03:30:");
});

test("says how many lines lie in the future, since nothing that ends now shows them", async () => {
  let nowMs = Date.UTC(2026, 10, 24, 3, 0, 30);
  const now = () => nowMs;
  const at = (time: string) => `2026-11-24T${time}Z INFO x\n`;
  // A clock that is a little ahead is no reason to speak.
  await folder.write("fine.log", at("02:59:00") + at("03:05:59"));
  await folder.write(
    "zone.log",
    at("02:59:00") + at("03:06:00") + at("12:58:30").repeat(1_199) + at("03:01:00"),
  );
  await folder.write("clock.log", "2027-03-04T00:00:00Z INFO x\n");
  const source = await folder.open({ now });
  await source.indexed();
  const why = "not shown until then: probably the zone (LOGS_UTC_OFFSET) or a clock is wrong.";
  expect((await source.health(ORG)).warnings).toEqual([
    `1,200 lines of ${folder.at("zone.log")} are dated in the future, by up to 9 h 58 min, and are ${why}`,
    `1 line of ${folder.at("clock.log")} is dated in the future, by up to 100 days, and is ${why}`,
  ]);
  nowMs = Date.UTC(2026, 10, 24, 12, 55);
  expect((await source.health(ORG)).warnings).toHaveLength(1);

  const replay = { recordedNowMs: Date.UTC(2026, 10, 24, 3), asMs: nowMs };
  const replayed = await folder.open({ now, paths: [{ pattern: folder.path, replay }] });
  await replayed.indexed();
  expect((await replayed.health(ORG)).warnings).toEqual([]);
});
