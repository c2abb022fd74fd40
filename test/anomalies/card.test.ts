import { expect, test } from "@jest/globals";
import { LIMITS as DISCORD } from "../../adapters/discord/limits.ts";
import { LIMITS as SLACK } from "../../adapters/slack/limits.ts";
import { LIMITS as WEB } from "../../adapters/web/limits.ts";
import { withMarks } from "../../src/alerting/markedCard.ts";
import { anomalyCard } from "../../src/anomalies/card.ts";
import type { Episode } from "../../src/anomalies/episode.ts";
import type { EpisodeEvidence } from "../../src/anomalies/evidence.ts";
import type { Card } from "../../src/chat/card.ts";
import { fitCard } from "../../src/chat/fit.ts";
import { plainText } from "../../src/chat/plainText.ts";

const AT = Date.parse("2026-11-28T22:00:00Z");
const EPISODE: Episode = {
  service: "checkout",
  namespace: "",
  metric: "error_rate",
  fingerprint: "",
  direction: "up",
  startedAtMs: AT,
  detectedAtMs: AT,
  lastOddAtMs: AT,
  severity: "HIGH",
  score: 3,
  baselineValue: 1,
  observedValue: 90,
  usualLow: 0,
  usualHigh: 2,
  conditions: [],
};
const EVIDENCE: EpisodeEvidence = {
  clusters: [
    {
      id: "7d9a2c1e-0000-4000-8000-000000000001",
      fingerprint: "v1:1",
      level: "ERROR",
      template: "order <*> failed",
      sample: "order 7 failed",
      before: 0,
      since: 30,
      count: 300,
      isNew: true,
    },
  ],
  deploys: [],
  chart: { title: "checkout: errors", unit: "errors / min", fromMs: AT, stepMs: 60_000, values: [1, 90] },
};

const labels = (card: Card) => card.actions?.map(({ label }) => label);

test.each([
  ["Slack", SLACK],
  ["Discord", DISCORD],
  ["the web console", WEB],
])("an alert has all its buttons on %s, and no more of those that are of no use any more", (_, limits) => {
  const parts = { eventId: "7d9a2c1e-0000-4000-8000-000000000002", episode: EPISODE, evidence: EVIDENCE };
  const card = anomalyCard(parts);
  const all = [
    "Root cause",
    "Acknowledge",
    "Resolve",
    "Mute 1 h",
    "Mute 24 h",
    "Mute …",
    "Right",
    "Not an anomaly",
  ];
  expect(labels(fitCard(card, limits).card)).toEqual(all);
  const had = withMarks(card, [{ kind: "acknowledged", by: "Ann", atMs: AT }]);
  expect(labels(fitCard(had, limits).card)).toEqual(all.filter((label) => label !== "Acknowledge"));
  const over = anomalyCard({ ...parts, resolution: "back to normal" });
  expect(labels(fitCard(over, limits).card)).toEqual(["Right", "Not an anomaly"]);
});

test("a deploy in the minute in which it began does not read as if it came later", () => {
  const deploy = { service: "checkout", namespace: "", version: "3.8.0", atMs: AT + 30_000 };
  const text = (deploys: EpisodeEvidence["deploys"]) =>
    plainText(anomalyCard({ episode: EPISODE, evidence: { ...EVIDENCE, deploys } }));
  expect(text([deploy])).toContain("3.8.0 at 22:00:30 UTC, in the minute in which it began");
  expect(text([{ ...deploy, atMs: AT - 30_000 }])).toContain("Last deploy: 3.8.0 at 21:59:30 UTC\n");
});

test("what is usual is told as little more than nothing where it is that", () => {
  const usual = (baselineValue: number) => plainText(anomalyCard({ episode: { ...EPISODE, baselineValue } }));
  expect(usual(0.04)).toContain("Usual: nearly 0 (0 to 2.0)");
  expect(usual(0)).toContain("Usual: 0 (0 to 2.0)");
});
