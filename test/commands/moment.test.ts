import { describe, expect, test } from "@jest/globals";
import { instantOf, parseMoment } from "../../src/commands/moment.ts";

const NOW = Date.parse("2026-11-24T12:00:30Z");
const read = (typed: string, zone = "UTC", nowMs = NOW) =>
  new Date(instantOf(parseMoment(typed), nowMs, zone)).toISOString();

describe("a time that somebody types", () => {
  test.each([
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
    ["2016-12-31 23:59:60", "2017-01-01T00:00:00.000Z"],
    ["2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.000Z"],
    ["2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00.000Z"],
    ["23:59:60", "2026-11-24T00:00:00.000Z"],
    ["23:59:60 yesterday", "2026-11-24T00:00:00.000Z"],
    ["11:59:60", "2026-11-24T12:00:00.000Z"],
    ["11:59:59", "2026-11-24T11:59:00.000Z"],
  ])("with a leap second is the second after it: %s", (typed, instant) => {
    expect(read(typed)).toBe(instant);
  });

  test("with a leap second is that of the reader's zone", () => {
    // It was a quarter to six in Kathmandu.
    expect(read("2017-01-01 05:44:60", "Asia/Kathmandu")).toBe("2017-01-01T00:00:00.000Z");
  });

  test.each([
    "23:59:61",
    "2016-12-31T23:59:61Z",
    "2016-12-31T23:60:00Z",
    "2016-12-31T24:00:00Z",
    "2016-02-30T10:00:00Z",
    "23:60",
    "24:00",
    "10:42:99 yesterday",
    "2016-13-01 10:00",
  ])("%s is refused in a sentence", (typed) => {
    expect(() => read(typed)).toThrow(/is not a time. Try 10:42/);
  });

  test("may be as many days ago as can be explained, and no more", () => {
    expect(read("10d")).toBe("2026-11-14T12:00:30.000Z");
    expect(read("28d ago")).toBe("2026-10-27T12:00:30.000Z");
    expect(() => read("29d")).toThrow("29d is too long. The longest is 28d.");
  });
});
