import { describe, expect, test } from "@jest/globals";
import { parseLine } from "../../src/logs/parse.ts";

const clock = { nearMs: Date.UTC(2026, 10, 24, 12), offsetMinutes: 0 };

function timeOf(line: string, offsetMinutes = 0): string | undefined {
  const { atNs } = parseLine(line, { ...clock, offsetMinutes });
  return atNs === undefined ? undefined : new Date(Number(atNs / 1_000_000n)).toISOString();
}

describe("a zone after the time", () => {
  test.each([
    ["AEST", "2026-11-23T17:00:00.000Z"],
    ["AEDT", "2026-11-23T16:00:00.000Z"],
    ["ACST", "2026-11-23T17:30:00.000Z"],
    ["AWST", "2026-11-23T19:00:00.000Z"],
    ["NZDT", "2026-11-23T14:00:00.000Z"],
    ["BRT", "2026-11-24T06:00:00.000Z"],
    ["WET", "2026-11-24T03:00:00.000Z"],
    ["WEST", "2026-11-24T02:00:00.000Z"],
    ["EET", "2026-11-24T01:00:00.000Z"],
    ["EEST", "2026-11-24T00:00:00.000Z"],
    ["MSK", "2026-11-24T00:00:00.000Z"],
    ["SGT", "2026-11-23T19:00:00.000Z"],
    ["HKT", "2026-11-23T19:00:00.000Z"],
    ["KST", "2026-11-23T18:00:00.000Z"],
    ["NST", "2026-11-24T06:30:00.000Z"],
    ["AKST", "2026-11-24T12:00:00.000Z"],
    ["HST", "2026-11-24T13:00:00.000Z"],
    ["PKT", "2026-11-23T22:00:00.000Z"],
    ["IST", "2026-11-23T21:30:00.000Z"],
    ["CST", "2026-11-24T09:00:00.000Z"],
    ["BST", "2026-11-24T02:00:00.000Z"],
    ["CAT", "2026-11-24T01:00:00.000Z"],
    ["UTC", "2026-11-24T03:00:00.000Z"],
    ["UTC+2", "2026-11-24T01:00:00.000Z"],
    ["UTC+05:30", "2026-11-23T21:30:00.000Z"],
    ["GMT-03:00", "2026-11-24T06:00:00.000Z"],
    ["GMT+0100", "2026-11-24T02:00:00.000Z"],
    ["+02", "2026-11-24T01:00:00.000Z"],
    ["-03", "2026-11-24T06:00:00.000Z"],
    ["+0100 CET", "2026-11-24T02:00:00.000Z"],
    ["Europe/Berlin", "2026-11-24T02:00:00.000Z"],
    ["[Europe/Berlin]", "2026-11-24T02:00:00.000Z"],
    ["America/Argentina/Buenos_Aires", "2026-11-24T06:00:00.000Z"],
    ["US/Eastern", "2026-11-24T08:00:00.000Z"],
    ["Etc/UTC", "2026-11-24T03:00:00.000Z"],
  ])("%s moves the line, and is no part of its message", (zone, at) => {
    const line = `2026-11-24 03:00:00 ${zone} ERROR boom`;
    // An offset given for lines without a zone has no say here.
    expect([timeOf(line), timeOf(line, 120)]).toEqual([at, at]);
    expect(parseLine(line, clock)).toMatchObject({ level: "ERROR", message: "boom", unknownZone: undefined });
    expect(timeOf(`[2026-11-24 03:00:00 ${zone}] ERROR boom`)).toBe(at);
    expect(timeOf(JSON.stringify({ time: `2026-11-24T03:00:00.000 ${zone}`, msg: "x" }))).toBe(at);
  });

  test.each([
    ["PostgreSQL", "2026-11-24 03:00:00.123 AEDT [123] LOG:  ready", "2026-11-23T16:00:00.123Z", "ready"],
    [
      "PostgreSQL as pgBadger wants it",
      "2026-11-24 03:00:00 EAT:10.0.0.1(5):app@shop:[12]:LOG:  ready",
      "2026-11-24T00:00:00.000Z",
      undefined,
    ],
    ["Java", "2026-11-24T03:00:00+01:00[Europe/Berlin] INFO ready", "2026-11-24T02:00:00.000Z", "ready"],
    ["Go", "2026-11-24 03:00:00 -0500 EST INFO ready", "2026-11-24T08:00:00.000Z", "ready"],
    ["PHP", "[24-Nov-2026 03:00:00 Europe/Berlin] PHP Warning:  no", "2026-11-24T02:00:00.000Z", "no"],
    ["a program that goes on with a slash", "2026-11-24 03:00:00 CET/x", "2026-11-24T02:00:00.000Z", "/x"],
    ["date", "Tue Nov 24 03:00:00 AEDT 2026 ready", "2026-11-23T16:00:00.000Z", "ready"],
  ])("as %s writes it", (_program, line, at, message) => {
    expect(timeOf(line)).toBe(at);
    if (message !== undefined) expect(parseLine(line, clock).message).toBe(message);
  });

  test.each([
    ["in summer", "2026-07-01 12:00:00", "2026-07-01T10:00:00.000Z"],
    ["before the clocks go forward", "2026-03-29 01:59:59", "2026-03-29T00:59:59.000Z"],
    ["in the hour that is left out", "2026-03-29 02:30:00", "2026-03-29T01:30:00.000Z"],
    ["after it", "2026-03-29 03:00:00", "2026-03-29T01:00:00.000Z"],
    ["in the hour that comes twice", "2026-10-25 02:30:00", "2026-10-25T00:30:00.000Z"],
    ["after it came twice", "2026-10-25 03:00:00", "2026-10-25T02:00:00.000Z"],
  ])("of a place is right %s", (_when, time, at) => {
    expect(timeOf(`${time} Europe/Berlin x`)).toBe(at);
  });
});

describe("a zone that is not known", () => {
  test.each(["QZT", "XYZST", "Europe/Atlantis"])("%s is read as if none were named, and told", (zone) => {
    const line = `2026-11-24 03:00:00 ${zone} ERROR boom`;
    expect(parseLine(line, clock)).toMatchObject({ unknownZone: zone, level: "ERROR", message: "boom" });
    expect(timeOf(line, 120)).toBe("2026-11-24T01:00:00.000Z");
  });
});

test.each([
  "ERROR x",
  "INFO x",
  "WARN x",
  "FATAL x",
  "ALERT x",
  "LOG:  x",
  "GET /x",
  "POST /x 200",
  "HTTP request failed",
  "AUTH ERROR denied",
  "AUDIT INFO kept",
  "EVENT [x] fired",
  "TCP reset",
  "RESET by peer",
  "CAT pictures are here",
  "BOT started",
  "NOT FOUND",
  "SELECT 1",
  "[main] started",
  "[Europe] x",
  "-9999 left",
  "+1 from all",
  "A message",
])("a message that begins with %p is taken for no zone", (message) => {
  const line = `2026-11-24 03:00:00 ${message}`;
  expect(timeOf(line, 60)).toBe("2026-11-24T02:00:00.000Z");
  expect(parseLine(line, clock).unknownZone).toBeUndefined();
});
