import { describe, expect, test } from "@jest/globals";
import { readPolicy, readQuietHours, whyNot } from "../../src/alerting/policy.ts";

const HIGH = { service: "checkout", severity: "HIGH" } as const;
const CRITICAL = { service: "checkout", severity: "CRITICAL" } as const;

/** Whether it is quiet at each of the times, UTC. */
function quietAt(hours: string, times: readonly string[]): boolean[] {
  const quiet = readQuietHours(hours);
  return times.map((time) => whyNot({ quiet }, HIGH, Date.parse(time))?.stage === "quiet hours");
}

describe("quiet hours", () => {
  test("begin at their first minute and end with the last one before their end", () => {
    const times = [
      "2026-11-24T20:59:59.999Z",
      "2026-11-24T21:00:00Z",
      "2026-11-24T22:59:59.999Z",
      "2026-11-24T23:00:00Z",
      "2026-11-25T05:59:59.999Z",
      "2026-11-25T06:00:00Z",
    ];
    expect(quietAt("22:00-07:00 Europe/Berlin", times)).toEqual([false, true, true, true, true, false]);
  });

  test("of one day do not go over its midnight", () => {
    const times = ["00:00", "08:59", "09:00", "16:59", "17:00", "23:59"].map(
      (time) => `2026-11-24T${time}:59Z`,
    );
    expect(quietAt("09:00-17:00", times)).toEqual([false, false, true, true, false, false]);
    expect(quietAt("00:00-00:01", ["2026-11-24T23:59:59Z", "2026-11-25T00:00:00Z"])).toEqual([false, true]);
    expect(quietAt("23:59-00:00", ["2026-11-24T23:59:59Z", "2026-11-25T00:00:00Z"])).toEqual([true, false]);
  });

  test("let what is CRITICAL through", () => {
    const quiet = readQuietHours("00:00-23:59");
    const noon = Date.parse("2026-11-24T12:00Z");
    expect([HIGH, CRITICAL].map((episode) => whyNot({ quiet }, episode, noon)?.stage)).toEqual([
      "quiet hours",
      undefined,
    ]);
  });

  const changes: [what: string, hours: string, minutes: [time: string, isQuiet: boolean][]][] = [
    [
      "in Berlin when clocks are put forward: what is left of them",
      "01:30-02:30 Europe/Berlin",
      [
        ["2026-03-29T00:29:59Z", false],
        ["2026-03-29T00:30:00Z", true],
        ["2026-03-29T00:59:59Z", true],
        ["2026-03-29T01:00:00Z", false],
      ],
    ],
    [
      "that are left out in Berlin: none on that day, and as ever on the next",
      "02:15-02:45 Europe/Berlin",
      [
        ["2026-03-29T00:30:00Z", false],
        ["2026-03-29T01:30:00Z", false],
        ["2026-03-30T00:30:00Z", true],
      ],
    ],
    [
      "that come twice in Berlin: both times",
      "02:15-02:45 Europe/Berlin",
      [
        ["2026-10-25T00:14:59Z", false],
        ["2026-10-25T00:15:00Z", true],
        ["2026-10-25T00:45:00Z", false],
        ["2026-10-25T01:15:00Z", true],
        ["2026-10-25T01:45:00Z", false],
      ],
    ],
    [
      "of the night in New York when clocks are put forward: until the morning by the new clock",
      "22:00-07:00 America/New_York",
      [
        ["2026-03-08T02:59:59Z", false],
        ["2026-03-08T03:00:00Z", true],
        ["2026-03-08T06:59:59Z", true],
        ["2026-03-08T07:00:00Z", true],
        ["2026-03-08T10:59:59Z", true],
        ["2026-03-08T11:00:00Z", false],
      ],
    ],
    [
      "of the night in New York when clocks are put back: an hour more",
      "22:00-07:00 America/New_York",
      [
        ["2026-11-01T01:59:59Z", false],
        ["2026-11-01T02:00:00Z", true],
        ["2026-11-01T11:59:59Z", true],
        ["2026-11-01T12:00:00Z", false],
      ],
    ],
    [
      "on Lord Howe when clocks are put forward by half an hour",
      "01:45-02:15 Australia/Lord_Howe",
      [
        ["2026-10-03T15:14:59Z", false],
        ["2026-10-03T15:15:00Z", true],
        ["2026-10-03T15:29:59Z", true],
        ["2026-10-03T15:30:00Z", false],
      ],
    ],
    [
      "on Lord Howe when clocks are put back by half an hour",
      "01:45-02:15 Australia/Lord_Howe",
      [
        ["2026-04-04T14:45:00Z", true],
        ["2026-04-04T14:59:59Z", true],
        ["2026-04-04T15:00:00Z", false],
        ["2026-04-04T15:15:00Z", true],
        ["2026-04-04T15:44:59Z", true],
        ["2026-04-04T15:45:00Z", false],
      ],
    ],
  ];
  test.each(changes)("%s", (_, hours, minutes) => {
    expect(
      quietAt(
        hours,
        minutes.map(([time]) => time),
      ),
    ).toEqual(minutes.map(([, isQuiet]) => isQuiet));
  });

  test.each([
    "22:00-23:59:60",
    "23:59:60-07:00",
    "22:00-24:00",
    "22:60-07:00",
    "22:00",
    "",
    "2016-12-31T23:59:60Z",
  ])("%s is refused in a sentence", (typed) => {
    expect(() => readQuietHours(typed)).toThrow(/are no quiet hours. Try 22:00-07:00 Europe\/Berlin/);
  });
});

test("of a policy that another version has kept only what is understood counts", () => {
  expect(
    readPolicy({ mention: ["U1", "&2", "S3"], digest: { every: "daily", afterDay: "2026-11-24" } }),
  ).toEqual({
    mention: ["U1", "&2", "S3"],
    digest: { every: "daily", afterDay: "2026-11-24" },
  });
  expect(readPolicy({ loudness: 11 })).toEqual({});
  const quiet = { fromMinute: 1_320, toMinute: 420, zone: "Europe/Berlin" };
  expect(readPolicy({ severity: "HIGH", quiet, loudness: 11, flood: "none" })).toEqual({
    severity: "HIGH",
    quiet,
  });
});
