import { describe, expect, test } from "@jest/globals";
import type { Explained } from "../../src/anomalies/explain.ts";
import { RateChart } from "../../src/anomalies/rateChart.ts";
import type { ReplayedEpisode } from "../../src/anomalies/replay.ts";
import type { AnomalyEvent } from "../../src/anomalies/store.ts";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { type Backtest, backtestCard } from "../../src/commands/backtestCard.ts";
import { type Explanation, explainCard } from "../../src/commands/explainCard.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 10, 24, 12);
const REF = { service: "checkout", namespace: "shop" };

/** One error and eleven other lines a minute. */
function chartOf(fromMs: number, toMs: number, stepMs: number, ref = REF): RateChart {
  const chart = new RateChart(ref, { fromMs, toMs }, stepMs);
  const counts = (count: number) => Array.from({ length: (toMs - fromMs) / MINUTE }, () => count);
  const row = { ...ref, fromMs, stepMs: MINUTE };
  const series = [
    { ...row, level: "ERROR" as const, counts: counts(1) },
    { ...row, level: undefined, counts: counts(11) },
  ];
  chart.add(series, { fromMs, toMs }, (of) => ({ expected: 1, low: 0, high: of === "errors" ? 2 : 20 }));
  return chart;
}

/** Without the chart's line, which has tests of its own. */
const textOf = (card: Card) => plainText(card).replace(/\[chart\].*\n\n/g, "");

const quiet: Omit<Explained, "metric"> = {
  verdict: "quiet",
  observed: 1,
  overMinutes: 1,
  usual: { expected: 1, low: 0, high: 2 },
  score: 0,
  conditions: [{ name: "rarity", value: 0, limit: 0.5, holds: false }],
};

const event: AnomalyEvent = {
  ...REF,
  id: "1",
  startedAtMs: NOON - 10 * MINUTE,
  detectedAtMs: NOON - 8 * MINUTE,
  lastOddAtMs: NOON + 5 * MINUTE,
  resolvedAtMs: NOON + 15 * MINUTE,
  direction: "up",
  isShadow: false,
  severity: "HIGH",
  metric: "error_rate",
  baselineValue: 2.1,
  observedValue: 40,
  notified: true,
  deliveries: [{ workspaceId: "w1", channel: "alerts", state: "sent" }],
};

function explanation(more: Partial<Explanation> = {}): Explanation {
  return {
    own: "w1",
    ref: REF,
    minuteMs: NOON,
    explained: [
      { ...quiet, metric: "error_rate" },
      { ...quiet, metric: "log_volume", observed: 12, usual: { expected: 12, low: 0, high: 20 } },
      { ...quiet, metric: "silence", observed: 12 },
      { ...quiet, metric: "error_ratio", verdict: "too few lines", overMinutes: 5, conditions: [] },
    ],
    holds: [],
    events: [],
    resolved: [],
    isMaintained: false,
    isScanned: true,
    learntFrom: { keptUntilMs: NOON - 20 * MINUTE },
    chart: chartOf(NOON - HOUR, NOON + HOUR, MINUTE),
    marks: [],
    wasReadAs: undefined,
    ...more,
  };
}

describe("the answer of explain", () => {
  test("within an event: the event, each number, and what of it is needed", () => {
    const odd: Explained = {
      metric: "error_rate",
      verdict: "odd",
      observed: 12,
      overMinutes: 5,
      usual: { expected: 2.1, low: 0, high: 4 },
      score: 3.2,
      severity: "HIGH",
      conditions: [
        { name: "learned", value: 4_320, limit: 1_440, holds: true },
        { name: "distance", value: 14, limit: 3, holds: true },
        { name: "rarity", value: 3.2, limit: 0.5, holds: true },
        { name: "lines", value: 49.5, limit: 5, holds: true },
        { name: "persistence", value: 1, limit: 3, holds: false },
      ],
    };
    const told: Explained = {
      metric: "error_ratio",
      verdict: "told by another",
      toldBy: "error_rate",
      observed: 0.31,
      overMinutes: 5,
      score: 0,
      conditions: [],
    };
    const { explained } = explanation();
    const card = explainCard(
      explanation({ events: [event], explained: [odd, ...explained.slice(1, 3), told] }),
    );
    expect(card).toMatchObject({ tone: "warning", badge: "HIGH" });
    expect(textOf(card)).toBe(`\
[HIGH] checkout: why there was an alert

In the minute of 2026-11-24 12:00:00 UTC: it is part of this event.

- HIGH  more errors than usual
    began 2026-11-24 11:50:00 UTC, found at 11:52:00 UTC, for 15 min; at its worst 40 errors a minute where 2.1 is expected; told #alerts: sent

- Errors: HIGH, score 3.2
    12 errors a minute over 5 minutes; 2.1 expected, 0 to 4 usual. ✓ learnt over 3 d (needed: 24 h); ✓ 14 times its usual noise away (needed: 3); ✓ chance gives one like it once in 30 years (needed: once in 3 weeks, or rarer); ✓ 50 errors more or fewer than expected (needed: 5). ✗ 1 odd minute in a row (needed: 3).
- Lines: quiet, score 0
    12 lines a minute; 12 expected, 0 to 20 usual. ✗ nothing rare about it (needed: once in 3 weeks, or rarer).
- Silence: quiet, score 0
    12 lines a minute are no silence.
- Errors among the lines: told already
    31 % of its lines are errors over 5 minutes. The errors have an alert already that tells the same.

Worked out from what the scan had learnt until 11:40:00 UTC.`);
  });

  test("waits for no silence of a service that is learnt while it logs", () => {
    const learning = { minutes: 31, of: 1_440 };
    const silence: Explained = { ...quiet, metric: "silence", verdict: "learning", observed: 142, learning };
    const text = textOf(explainCard(explanation({ explained: [silence] })));
    expect(text).toContain("142 lines a minute are no silence.");
    expect(text).not.toContain("more or fewer");
  });

  test("of a quiet minute: that all was as usual", () => {
    const card = explainCard(explanation({ wasReadAs: "UTC" }));
    expect(card).toMatchObject({ title: "checkout: why there was no alert", tone: "good", badge: "QUIET" });
    expect(textOf(card)).toContain("no alert, because all was as usual.");
    expect(textOf(card)).toContain("    1 error a minute; 1 expected, 0 to 2 usual.");
    expect(textOf(card)).toContain("Too few lines in five minutes to say what part of them are errors.");
    expect(textOf(card)).toContain("Your time zone is not known here, so the time was read as UTC.");
  });

  test.each([
    [
      "maintenance",
      { isMaintained: true },
      "no alert, because of maintenance. Nothing is found and nothing is learnt",
    ],
    [
      "learning",
      {
        explained: [
          {
            ...quiet,
            metric: "error_rate" as const,
            verdict: "learning" as const,
            learning: { minutes: 300, of: 1_440 },
            conditions: [{ name: "times the worst minute", value: 1.4, limit: 3, holds: false }],
          },
        ],
      },
      "no alert, because checkout was still being learnt: 5 h of 24 h.",
    ],
    [
      "nothing known",
      { explained: [{ ...quiet, metric: "error_rate" as const, verdict: "not judged" as const }] },
      "no alert, because nothing was known. checkout had not logged anything in the days before.",
    ],
  ])("says so of %s", (badge, more, expected) => {
    const card = explainCard(explanation(more));
    expect(card).toMatchObject({ tone: "neutral", badge: badge.toUpperCase() });
    expect(textOf(card)).toContain(expected);
  });

  test("says that what is odd now was not when it was scanned, or has not been scanned", () => {
    const explained = [
      {
        ...quiet,
        metric: "log_volume" as const,
        verdict: "odd" as const,
        severity: "LOW" as const,
        score: 0.6,
      },
    ];
    expect(textOf(explainCard(explanation({ explained })))).toContain(
      "no alert is kept, but lines would count as odd now. When that minute was scanned, or learnt,",
    );
    expect(textOf(explainCard(explanation({ explained, isScanned: false })))).toContain(
      "That minute has not been scanned yet.",
    );
  });

  test("says of what was rare, and yet no alert, what was missing", () => {
    const rare = {
      ...quiet,
      metric: "log_volume" as const,
      verdict: "held back" as const,
      severity: "LOW" as const,
      score: 0.9,
    };
    const lines = { name: "lines", value: 3, limit: 5, holds: false };
    const card = explainCard(explanation({ explained: [{ ...rare, conditions: [lines] }] }));
    expect(card).toMatchObject({ tone: "good", badge: "HELD BACK" });
    expect(textOf(card)).toContain("no alert. Something was rare, but not all that an alert needs was so.");
    expect(textOf(card)).toContain("- Lines: rare, but no alert, score 0.9");
    expect(textOf(card)).toContain("✗ 3 lines more or fewer than expected (needed: 5).");
    expect(textOf(explainCard(explanation({ explained: [{ ...rare, conditions: [] }] })))).toContain(
      "✗ off by enough in these very minutes, and not what is left of an alert that is over.",
    );
  });

  test("puts a deploy and a new service's first hours into words", () => {
    const conditions = [
      { name: "minutes seen", value: 45, limit: 15, holds: true },
      { name: "times the worst minute", value: 12.4, limit: 3, holds: true },
      { name: "errors", value: 62, limit: 10, holds: true },
      { name: "deploy", value: 4, limit: 20, holds: false },
      { name: "something newer", value: 0.25, limit: 2, holds: false },
    ];
    expect(
      textOf(explainCard(explanation({ explained: [{ ...quiet, metric: "error_rate", conditions }] }))),
    ).toContain(
      "✓ 45 min of it seen so far (needed: 15 min); ✓ 12 times the worst minute before (needed: 3); ✓ 62 errors in the minute (needed: 10). " +
        "✗ deployed 4 min before (for 20 min a new version may log up to five times as much or as little); ✗ something newer 0.25 (limit: 2).",
    );
  });
});

const episode: ReplayedEpisode = {
  ...REF,
  metric: "error_rate",
  fingerprint: "",
  direction: "up",
  startedAtMs: NOON - 2 * DAY,
  detectedAtMs: NOON - 2 * DAY + MINUTE,
  lastOddAtMs: NOON - 2 * DAY + 22 * MINUTE,
  severity: "HIGH",
  score: 3.1,
  baselineValue: 2,
  observedValue: 82,
  usualLow: 0,
  usualHigh: 4,
  conditions: [],
  ended: { atMs: NOON - 2 * DAY + 32 * MINUTE, why: "back to normal" },
};

function backtest(more: Partial<Backtest> = {}): Backtest {
  const fromMs = NOON - 14 * DAY;
  return {
    ref: REF,
    days: 14,
    sensitivity: undefined,
    range: { fromMs, toMs: NOON },
    learntFromMs: fromMs - DAY,
    judgedFromMs: fromMs,
    untilMs: NOON,
    stopped: undefined,
    episodes: [],
    gaps: 0,
    chart: chartOf(fromMs, NOON, HOUR),
    marks: [],
    ...more,
  };
}

describe("the answer of backtest", () => {
  test("lists what would have been posted, newest first, and counts it by week", () => {
    const { ended: _, ...open } = episode;
    const silence: ReplayedEpisode = {
      ...open,
      metric: "silence",
      direction: "silence",
      severity: "LOW",
      startedAtMs: NOON - 5 * MINUTE,
      detectedAtMs: NOON,
      lastOddAtMs: NOON,
      baselineValue: 60,
      observedValue: 0,
    };
    const older = {
      startedAtMs: NOON - 9 * DAY,
      detectedAtMs: NOON - 9 * DAY,
      lastOddAtMs: NOON - 9 * DAY + 7 * HOUR,
    };
    const level: ReplayedEpisode = { ...episode, ...older, ended: { atMs: NOON, why: "a new normal" } };
    const card = backtestCard(
      backtest({ episodes: [level, episode, silence], gaps: 2, sensitivity: "high" }),
    );

    expect(card).toMatchObject({ tone: "warning", badge: "3 ALERTS" });
    expect(card.body.filter(({ kind }) => kind === "chart")).toHaveLength(2);
    expect(textOf(card)).toBe(`\
[3 ALERTS] checkout: 3 alerts in 14 days

From 2026-11-10 12:00:00 UTC to 2026-11-24 12:00:00 UTC, with high sensitivity, there would have been 3 alerts (2 HIGH, 1 LOW) about checkout. The day before, from 2026-11-09 12:00:00 UTC, was for learning: what it held is left out.

Week from\tto\tAlerts\tOf them
2026-11-17 12:00:00 UTC\t2026-11-24 12:00:00 UTC\t2\t1 HIGH, 1 LOW
2026-11-10 12:00:00 UTC\t2026-11-17 12:00:00 UTC\t1\t1 HIGH

- LOW  Silence  2026-11-24 11:55:00 UTC
    for 5 min, still open; no lines where 60 lines a minute are expected
- HIGH  Errors  2026-11-22 12:00:00 UTC
    for 22 min; 82 errors a minute at its worst where 2 is expected, 0 to 4 usual
- HIGH  Errors  2026-11-15 12:00:00 UTC
    for 7 h, then a new normal; 82 errors a minute at its worst where 2 is expected, 0 to 4 usual

2 stretches in which no service logged anything are left out: that is a gap in the logs. Mutes, the policies of channels, and new kinds of errors are left aside. Compare with backtest checkout sensitivity:low.`);
  });

  test("says so where there would have been none, and what it would be with another sensitivity", () => {
    const card = backtestCard(backtest({ days: 1, sensitivity: "low" }));
    expect(card).toMatchObject({ title: "checkout: no alerts in 1 day", tone: "good", badge: "QUIET" });
    expect(textOf(card)).toContain("there would have been no alerts about checkout.");
    expect(textOf(card)).toContain("Compare with backtest checkout sensitivity:normal.");
  });

  test("shows the newest fifteen of many, and says how many there are", () => {
    const episodes = Array.from({ length: 40 }, () => episode);
    const card = backtestCard(backtest({ episodes }));
    expect(card.body.find(({ kind }) => kind === "items")).toMatchObject({ items: { length: 15 } });
    expect(textOf(card)).toContain("The newest 15 of 40. ");
  });

  test("says of how much of the time it was still learning", () => {
    expect(textOf(backtestCard(backtest({ judgedFromMs: NOON - 3 * DAY })))).toContain(
      "It was still being learnt until 2026-11-21 12:00:00 UTC. Before that only errors far beyond all that was seen make an alert.",
    );
  });

  test("shows names that could pass for something else as what they are, and as they can be typed", () => {
    const ref = { service: "the worker", namespace: "" };
    expect(textOf(backtestCard(backtest({ ref })))).toContain(
      'Compare with backtest "the worker" sensitivity:low.',
    );
    expect(backtestCard(backtest({ ref: { service: "\u200b", namespace: "" } })).title).toBe(
      '"\u200b": no alerts in 14 days',
    );
  });
});
