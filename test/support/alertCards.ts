import { escalationCard } from "../../src/alerting/escalations.ts";
import { floodCard } from "../../src/alerting/floods.ts";
import { incidentCard } from "../../src/alerting/incidentCard.ts";
import type { Member } from "../../src/alerting/incidents.ts";
import { type Mark, withMarks } from "../../src/alerting/markedCard.ts";
import { resolvedCard } from "../../src/alerting/resolutions.ts";
import { anomalyCard, evidenceBlocks, withService } from "../../src/anomalies/card.ts";
import type { Episode } from "../../src/anomalies/episode.ts";
import type { EpisodeEvidence } from "../../src/anomalies/evidence.ts";
import type { Card } from "../../src/chat/card.ts";

const AT = Date.UTC(2026, 0, 15, 2, 20);
const MINUTE_MS = 60_000;
const EVENT = "7d9a2c1e-0000-4000-8000-000000000001";
const ACKNOWLEDGED: Mark[] = [{ kind: "acknowledged", by: "Ann", atMs: AT + 6 * MINUTE_MS }];

const EPISODE: Episode = {
  service: "checkout",
  namespace: "shop",
  metric: "error_rate",
  fingerprint: "",
  direction: "up",
  startedAtMs: AT,
  detectedAtMs: AT + 2 * MINUTE_MS,
  lastOddAtMs: AT + 2 * MINUTE_MS,
  severity: "HIGH",
  score: 2.4,
  baselineValue: 2,
  observedValue: 41,
  usualLow: 0,
  usualHigh: 5,
  conditions: [],
};
const EVIDENCE: EpisodeEvidence = {
  clusters: [
    {
      ...{ id: "7d9a2c1e-0000-4000-8000-00000000000a", fingerprint: "v1:a", level: "ERROR" },
      ...{ template: "order <*> failed: connect ECONNREFUSED <*>:5432", before: 0.1, since: 38, count: 76 },
      sample: "order 4711 failed: connect ECONNREFUSED 10.0.0.7:5432\n    at Pool.connect (pool.js:12:3)",
      isNew: false,
    },
    {
      ...{ id: "7d9a2c1e-0000-4000-8000-00000000000b", fingerprint: "v1:b", level: "FATAL" },
      ...{ template: "giving up after <*> attempts", before: 0, since: 3, count: 6 },
      sample: "giving up after 5 attempts, password=<redacted:password#1>",
      isNew: true,
    },
  ],
  deploys: [{ service: "checkout", namespace: "shop", version: "2.4.1", atMs: AT - 4 * MINUTE_MS }],
  chart: {
    ...{ title: "checkout: errors", unit: "errors / min", fromMs: AT - 8 * MINUTE_MS, stepMs: MINUTE_MS },
    values: [2, 1, 3, 2, 2, 4, 1, 2, 38, 41],
    band: { low: Array<number>(10).fill(0), high: Array<number>(10).fill(5) },
    anomalies: [{ fromMs: AT, toMs: AT + 2 * MINUTE_MS }],
    marks: [{ atMs: AT - 4 * MINUTE_MS, label: "2.4.1", kind: "deploy" }],
  },
  linesUrl: "https://grafana.test/explore?left=1",
};
const firing = anomalyCard({ eventId: EVENT, episode: EPISODE, evidence: EVIDENCE });
const worse: Episode = {
  ...EPISODE,
  severity: "CRITICAL",
  score: 4.1,
  observedValue: 310,
  lastOddAtMs: AT + 9 * MINUTE_MS,
};

function member(service: string, own: Partial<Member> = {}): Member {
  const { metric, direction, severity, startedAtMs, lastOddAtMs, baselineValue, observedValue } = EPISODE;
  return {
    ...{ id: `${EVENT}-${service}`, service, namespace: "shop", metric, direction, severity },
    ...{ startedAtMs, lastOddAtMs, baselineValue, observedValue, ...own },
  };
}
const MEMBERS = [
  member("checkout"),
  member("payments", { cause: "kind", severity: "MEDIUM", observedValue: 12, startedAtMs: AT + MINUTE_MS }),
  member("mailer", { cause: "namespace", metric: "silence", direction: "silence", observedValue: 0 }),
];
const incident = {
  leaderId: EVENT,
  evidence: withService(evidenceBlocks(EVIDENCE), "checkout"),
  clusterId: EVIDENCE.clusters[0]?.id,
};
const over = { resolution: "back to normal", lastOddAtMs: AT + 17 * MINUTE_MS } as const;

const RESOLVED = { by: "Ann", atMs: AT + 12 * MINUTE_MS, leaderId: EVENT };

/** The message of an alert in each of its states. */
export const ALERT_CARDS: Record<string, Card> = {
  "alert firing": firing,
  "alert without evidence": anomalyCard({ eventId: EVENT, episode: EPISODE }),
  "alert growing": anomalyCard({ eventId: EVENT, episode: worse, evidence: EVIDENCE }),
  "alert acknowledged": withMarks(firing, ACKNOWLEDGED),
  "alert back to normal": withMarks(
    anomalyCard({
      eventId: EVENT,
      episode: { ...worse, ...over },
      evidence: EVIDENCE,
      resolution: "back to normal",
    }),
    ACKNOWLEDGED,
  ),
  "alert muted and labelled": withMarks(firing, [
    ...ACKNOWLEDGED,
    { kind: "no anomaly", by: "Bo", atMs: AT + 7 * MINUTE_MS },
    {
      ...{ kind: "muted", by: "Bo", atMs: AT + 8 * MINUTE_MS },
      muted: { untilMs: AT + 68 * MINUTE_MS, services: ["checkout"] },
    },
  ]),
  "alert resolved by hand": resolvedCard(
    firing,
    { ...RESOLVED, members: [member("checkout")] },
    ACKNOWLEDGED,
  ),
  "incident resolved by hand": resolvedCard(
    incidentCard({ ...incident, members: MEMBERS }),
    { ...RESOLVED, members: MEMBERS },
    ACKNOWLEDGED,
  ),
  "incident firing": incidentCard({ ...incident, members: MEMBERS }),
  "incident partly over": withMarks(
    incidentCard({
      ...incident,
      members: MEMBERS.map((each, at) => (at === 1 ? { ...each, ...over } : each)),
    }),
    ACKNOWLEDGED,
  ),
  "incident of many": incidentCard({
    ...incident,
    members: Array.from({ length: 40 }, (_, at) =>
      member(`service-${at}`, at === 0 ? {} : { cause: "most services" }),
    ),
  }),
  "incident back to normal": incidentCard({
    ...incident,
    members: MEMBERS.map((each) => ({ ...each, ...over })),
  }),
  escalation: escalationCard([member("checkout", { severity: "CRITICAL", observedValue: 310 })], "CRITICAL"),
  "flood notice": floodCard(
    [
      { service: "checkout", count: 4 },
      { service: "payments", count: 2 },
    ],
    10,
    AT,
  ),
};
