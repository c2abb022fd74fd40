import { describe, expect, test } from "@jest/globals";
import { lastDigest, readDigest, withDigest } from "../../src/alerting/digest.ts";
import { digestCard } from "../../src/alerting/digestCard.ts";
import type { DigestEvent } from "../../src/alerting/digestStore.ts";
import type { Policy } from "../../src/alerting/policy.ts";
import { plainText } from "../../src/chat/plainText.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = Date.parse;

/** The digests that come due in a time, each with when it was first seen to be. */
function daysDue(zone: string, fromMs: number, toMs: number): string[] {
  const seen: string[] = [];
  let before = lastDigest("daily", zone, fromMs).day;
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 10 * MINUTE) {
    const { day } = lastDigest("daily", zone, nowMs);
    if (day === before) continue;
    seen.push(`${day} ${new Date(nowMs).toISOString().slice(0, 16)}`);
    before = day;
  }
  return seen;
}

describe("a digest is due", () => {
  test("at nine by the channel's clock, once a day when clocks are put forward and when they are put back", () => {
    expect(daysDue("Europe/Berlin", at("2026-03-27T12:00Z"), at("2026-03-30T12:00Z"))).toEqual([
      "2026-03-28 2026-03-28T08:00",
      "2026-03-29 2026-03-29T07:00",
      "2026-03-30 2026-03-30T07:00",
    ]);
    expect(daysDue("America/New_York", at("2026-10-30T18:00Z"), at("2026-11-02T18:00Z"))).toEqual([
      "2026-10-31 2026-10-31T13:00",
      "2026-11-01 2026-11-01T14:00",
      "2026-11-02 2026-11-02T14:00",
    ]);
    expect(daysDue("Australia/Lord_Howe", at("2026-04-03T12:00Z"), at("2026-04-05T12:00Z"))).toEqual([
      "2026-04-04 2026-04-03T22:00",
      "2026-04-05 2026-04-04T22:30",
    ]);
  });

  test("on a day that was left out not at all", () => {
    expect(daysDue("Pacific/Apia", at("2011-12-29T00:00Z"), at("2012-01-01T00:00Z"))).toEqual([
      "2011-12-29 2011-12-29T19:00",
      "2011-12-31 2011-12-30T19:00",
      "2012-01-01 2011-12-31T19:00",
    ]);
  });

  test("for the time since the one before, be the day 23 or 25 hours long", () => {
    const spring = lastDigest("daily", "Europe/Berlin", at("2026-03-29T12:00Z"));
    expect(spring.untilMs - spring.fromMs).toBe(23 * HOUR);
    const autumn = lastDigest("daily", "Europe/Berlin", at("2026-10-25T12:00Z"));
    expect(autumn.untilMs - autumn.fromMs).toBe(25 * HOUR);
  });

  test("every week on Monday", () => {
    const due = (now: string) => lastDigest("weekly", "Europe/Berlin", at(now)).day;
    expect(due("2026-11-23T07:59Z")).toBe("2026-11-16");
    expect(due("2026-11-23T08:00Z")).toBe("2026-11-23");
    expect(due("2026-11-29T23:00Z")).toBe("2026-11-23");
    const { fromMs, untilMs } = lastDigest("weekly", "Europe/Berlin", at("2026-03-30T12:00Z"));
    expect([fromMs, untilMs].map((ms) => new Date(ms).toISOString())).toEqual([
      "2026-03-23T08:00:00.000Z",
      "2026-03-30T07:00:00.000Z",
    ]);
  });
});

describe("a digest that is asked for", () => {
  const NOON = at("2026-11-24T12:00Z");

  test.each([
    ["daily", { every: "daily" }],
    ["Weekly", { every: "weekly" }],
    ["daily,Europe/Berlin", { every: "daily", zone: "Europe/Berlin" }],
    ["weekly  America/New_York", { every: "weekly", zone: "America/New_York" }],
  ])("is read from %s", (typed, asked) => {
    expect(readDigest(typed)).toEqual(asked);
  });

  test.each([
    ["hourly", /"hourly" is no digest. Use daily, weekly or off/],
    ["daily at 9", /is no digest/],
    ["daily,Mars/Olympus", /"Mars\/Olympus" is not a time zone/],
  ])("as %s is refused in a sentence", (typed, sentence) => {
    expect(() => readDigest(typed)).toThrow(sentence);
  });

  test("begins with the next that is due, and goes on where it is asked for again", () => {
    const policy: Policy = withDigest({}, { every: "daily" }, NOON);
    expect(policy.digest).toEqual({ every: "daily", afterDay: "2026-11-24" });
    const zoned = withDigest(policy, { every: "daily", zone: "Europe/Berlin" }, NOON + 48 * HOUR);
    expect(zoned.digest).toEqual({ every: "daily", zone: "Europe/Berlin", afterDay: "2026-11-24" });
    const weekly = withDigest(zoned, { every: "weekly" }, NOON + 48 * HOUR);
    expect(weekly.digest).toEqual({ every: "weekly", zone: "Europe/Berlin", afterDay: "2026-11-23" });
  });

  test("goes by the clock of the quiet hours where it has none of its own", () => {
    const quiet = { fromMinute: 22 * 60, toMinute: 7 * 60, zone: "Asia/Tokyo" };
    // In Tokyo it is past nine on the next day.
    const late = at("2026-11-24T01:00Z");
    expect(withDigest({ quiet }, { every: "daily" }, late).digest?.afterDay).toBe("2026-11-24");
    expect(withDigest({}, { every: "daily" }, late).digest?.afterDay).toBe("2026-11-23");
  });
});

describe("the card of a digest", () => {
  const FROM = at("2026-11-23T09:00Z");
  const parts = {
    ...({
      every: "daily",
      zone: "UTC",
      fromMs: FROM,
      untilMs: FROM + 24 * HOUR,
      nowMs: FROM + 25 * HOUR,
    } as const),
    ...{ areCut: false, mutes: [] },
  };
  function event(own: Partial<DigestEvent> & { minutes?: number }): DigestEvent {
    const { minutes = 30, ...rest } = own;
    const startedAtMs = rest.startedAtMs ?? FROM + HOUR;
    return {
      ...{ service: "checkout", severity: "HIGH", metric: "error_rate", direction: "up" },
      ...{ startedAtMs, detectedAtMs: startedAtMs, lastOddAtMs: startedAtMs + minutes * MINUTE },
      ...{ resolvedAtMs: startedAtMs + minutes * MINUTE, isAcknowledged: false, isTold: true },
      ...rest,
    };
  }

  test("of a day on which nothing fired is one line", () => {
    const card = digestCard({ ...parts, events: [] });
    expect(card).toMatchObject({
      title: "Daily digest: nothing fired since yesterday",
      tone: "good",
      body: [],
    });
  });

  test("tells noise from what somebody acknowledged or called right", () => {
    const brief = { minutes: 3 };
    const { body } = digestCard({
      ...parts,
      events: [
        event({ ...brief, service: "a" }),
        event({ ...brief, service: "b", isAcknowledged: true }),
        event({ ...brief, service: "c", verdict: "right" }),
        event({ ...brief, service: "d", verdict: "no anomaly" }),
        event({ service: "e" }),
      ],
    });
    expect(body[0]).toMatchObject({
      facts: expect.arrayContaining([
        {
          label: "Noise",
          value: "1 labelled not an anomaly; 1 over within 5 min, acknowledged by nobody",
        },
      ]),
    });
  });

  test("counts what is open from before as open, and not as fired", () => {
    const { resolvedAtMs: _, ...old } = event({ startedAtMs: FROM - 72 * HOUR });
    const text = plainText(digestCard({ ...parts, events: [old] }));
    expect(text).toContain("[STILL OPEN] Daily digest: nothing fired since yesterday");
    expect(text).toContain("Still open: 1, the worst checkout, HIGH");
    expect(text).toContain("open for 4 d");
  });

  test("has ten rows at most, and says how many more there are", () => {
    const events = Array.from({ length: 24 }, (_, nth) => event({ service: `s${nth}` }));
    const mutes = Array.from({ length: 5 }, (_, nth) => ({
      ...{ service: `m${nth}`, endsAtMs: FROM + 48 * HOUR, mutedBy: "Ann", reason: "a move" },
    }));
    const text = plainText(digestCard({ ...parts, events, mutes }));
    expect(text.match(/^- HIGH/gm)).toHaveLength(7);
    expect(text).toContain("and 17 more");
    expect(text.match(/^- m\d/gm)).toHaveLength(3);
    expect(text).toContain("and 2 more");
    expect(text).toContain("by Ann: a move");
  });

  test("says that the logs are not read", () => {
    const card = digestCard({
      ...parts,
      events: [],
      failing: { sinceMs: FROM, why: "Loki does not answer." },
    });
    expect(plainText(card)).toContain("Loki does not answer.");
    expect(card.tone).toBe("warning");
  });
});
