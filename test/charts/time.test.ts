import { describe, expect, test } from "@jest/globals";
import { clockOf } from "../../src/charts/clock.ts";
import { timeTicks } from "../../src/charts/timeTicks.ts";

const HOUR = 3_600_000;
const labels = (zone: string, fromMs: number, hours: number, most: number) =>
  timeTicks(fromMs, fromMs + hours * HOUR, most, clockOf(zone)).map(({ label }) => label);

describe("the time axis", () => {
  test("names the zone as its people do, and falls back to UTC", () => {
    const winter = Date.UTC(2026, 0, 15);
    const summer = Date.UTC(2026, 6, 15);
    const names = (zone: string) => [clockOf(zone).nameAt(winter), clockOf(zone).nameAt(summer)];
    expect(names("Europe/Berlin")).toEqual(["CET", "CEST"]);
    expect(names("Europe/London")).toEqual(["GMT", "BST"]);
    expect(names("America/New_York")).toEqual(["EST", "EDT"]);
    expect(names("Asia/Kathmandu")).toEqual(["UTC+5:45", "UTC+5:45"]);
    expect(names("Not/AZone")).toEqual(["UTC", "UTC"]);
    expect(clockOf(undefined).nameAt(winter)).toBe("UTC");
  });

  test("leaves out the hour that does not exist when clocks go forward", () => {
    const midnight = Date.UTC(2026, 2, 28, 23); // 29 March 2026, 00:00 CET
    expect(labels("Europe/Berlin", midnight, 5, 8)).toEqual([
      "29 Mar",
      "01:00",
      "03:00",
      "04:00",
      "05:00",
      "06:00",
    ]);
  });

  test("shows the hour twice that exists twice when clocks go back", () => {
    const midnight = Date.UTC(2026, 9, 24, 22); // 25 October 2026, 00:00 CEST
    expect(labels("Europe/Berlin", midnight, 5, 8)).toEqual([
      "25 Oct",
      "01:00",
      "02:00",
      "02:00",
      "03:00",
      "04:00",
    ]);
  });

  test("keeps to local midnights over a month with a change of clocks", () => {
    const ticks = timeTicks(Date.UTC(2026, 9, 10), Date.UTC(2026, 10, 9), 7, clockOf("America/New_York"));
    expect(ticks.length).toBeGreaterThan(4);
    expect(new Set(ticks.map(({ atMs }) => new Date(atMs).getUTCHours()))).toEqual(new Set([4, 5]));
  });

  test("keeps the day whose midnight does not exist", () => {
    // Cairo's clocks go from 23:59:59 to 01:00 on 24 April 2026.
    expect(labels("Africa/Cairo", Date.UTC(2026, 3, 22), 96, 5)).toEqual([
      "23 Apr",
      "24 Apr",
      "25 Apr",
      "26 Apr",
    ]);
  });

  test.each([
    [5 / 60, ["12:00", "12:01", "12:02", "12:03", "12:04", "12:05"]],
    [1, ["12:00", "12:10", "12:20", "12:30", "12:40", "12:50", "13:00"]],
    [24, ["12:00", "18:00", "25 Nov", "06:00", "12:00"]],
    [24 * 7, ["25 Nov", "26 Nov", "27 Nov", "28 Nov", "29 Nov", "30 Nov", "1 Dec"]],
    [24 * 30, ["28 Nov", "3 Dec", "8 Dec", "13 Dec", "18 Dec", "23 Dec"]],
    [24 * 3650, ["Jul 2027", "Mar 2030"]],
  ])("has round labels over %d hours", (hours, some) => {
    const found = labels("UTC", Date.UTC(2026, 10, 24, 12), hours, 7);
    expect(found.slice(0, some.length)).toEqual(some);
  });
});
