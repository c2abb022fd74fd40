import { linesLink } from "../analysis/card.ts";
import { countOf, duration, headline, rateText } from "../analysis/words.ts";
import { altText } from "../charts/alt.ts";
import {
  type Block,
  type Button,
  button,
  type Card,
  type Fact,
  type Inline,
  type Item,
  type Text,
} from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import { proofLines } from "../evidence/proofLines.ts";
import { OF_A_SAMPLE, readable } from "../logs/readable.ts";
import type { Episode, Resolution } from "./episode.ts";
import type { EpisodeEvidence, GrownCluster } from "./evidence.ts";
import { factorText, rarityText, stateOf, unitOf, valueText } from "./words.ts";

/** Kinds of lines on the card, and lines of each. */
const SHOWN_CLUSTERS = 3;
const SAMPLE_LINES = 4;

/** The action of the button that an acknowledged card has no longer. */
export const ACKNOWLEDGE = "anomaly.acknowledge";
export const RESOLVE = "anomaly.resolve";
export const LAST_DEPLOY = "Last deploy";

export interface AnomalyCardParts {
  /** Absent where the episode is not kept yet. */
  eventId?: string;
  episode: Episode;
  /** Why it is over; absent while it goes on. */
  resolution?: Resolution;
  /** Absent where the log source did not give any. */
  evidence?: EpisodeEvidence | undefined;
}

/** What is posted about an episode: what, since when, observed against expected, and the lines that prove it. */
export function anomalyCard({ eventId, episode, resolution, evidence }: AnomalyCardParts): Card {
  const name = shownName(episode.service);
  const isOver = resolution !== undefined;
  const clusters = evidence?.clusters.slice(0, SHOWN_CLUSTERS) ?? [];
  return {
    title: isOver ? `${name}: ${OVER[resolution]}` : `${name}: ${stateOf(episode)}`,
    tone: isOver
      ? "good"
      : episode.severity === "HIGH" || episode.severity === "CRITICAL"
        ? "critical"
        : "warning",
    badge: isOver ? "RESOLVED" : episode.severity,
    body: [{ kind: "facts", facts: factsOf(episode, isOver, evidence) }, ...evidenceBlocks(evidence)],
    ...(eventId !== undefined && { actions: alertButtons(eventId, clusters[0]?.id, isOver) }),
    footnote: footnoteOf(episode, evidence),
    discussable: true,
  };
}

const OVER: Record<Resolution, string> = {
  "back to normal": "back to normal",
  "a new normal": "this is usual now",
  "by hand": "resolved",
};

/** The proof: a chart, the kinds of lines that grew, and where all lines are. */
export function evidenceBlocks(evidence: EpisodeEvidence | undefined): Block[] {
  const clusters = evidence?.clusters.slice(0, SHOWN_CLUSTERS) ?? [];
  return [
    ...chartBlock(evidence),
    ...(clusters.length === 0 ? [] : [{ kind: "items" as const, items: clusters.map(clusterItem) }]),
    ...linesLink(evidence?.linesUrl),
  ];
}

/** The same in a message of several services: each kind of line says whose it is. */
export function withService(blocks: readonly Block[], service: string): Block[] {
  const name = { strong: shownName(service) };
  return blocks.map((block) =>
    block.kind === "items"
      ? {
          ...block,
          items: block.items.map((item) => ({ ...item, heading: [name, ": ", ...inlines(item.heading)] })),
        }
      : block,
  );
}

function inlines(text: Text): readonly Inline[] {
  return typeof text === "string" ? [text] : text;
}

function factsOf(episode: Episode, isOver: boolean, evidence: EpisodeEvidence | undefined): Fact[] {
  const { metric, baselineValue, observedValue, startedAtMs, lastOddAtMs } = episode;
  const factor = baselineValue > 0 && observedValue > 0 ? observedValue / baselineValue : undefined;
  const times = factor === undefined || factor < 1.1 ? "" : ` (${factorText(factor)})`;
  const unit = unitOf(metric);
  const facts: Fact[] = [
    {
      label: isOver ? "Was" : "Observed",
      value: [{ strong: valueText(metric, observedValue) }, ` ${unit}${times}`],
    },
    {
      label: "Usual",
      value: `${valueText(metric, baselineValue)} (${valueText(metric, episode.usualLow)} to ${valueText(metric, episode.usualHigh)})`,
    },
    whenFact(startedAtMs, lastOddAtMs, isOver),
    rarityOf(episode),
  ];
  const deploy = evidence?.deploys.at(-1);
  if (deploy !== undefined) {
    facts.push({
      label: LAST_DEPLOY,
      value: [
        `${deploy.version} at `,
        { atMs: deploy.atMs, show: "time" },
        // When it began is known by the minute: a deploy within that would read as if it came later.
        isWithin(deploy.atMs, startedAtMs) ? ", in the minute in which it began" : "",
      ],
    });
  }
  return facts;
}

const MINUTE_MS = 60_000;

function isWithin(atMs: number, minuteMs: number): boolean {
  return atMs > minuteMs && atMs < minuteMs + MINUTE_MS;
}

/** Since when it goes on, or how long it did and from when to when; how long until somebody resolved it is said by that. */
export function whenFact(startedAtMs: number, lastOddAtMs: number, isOver: boolean, isByHand = false): Fact {
  if (isByHand) return { label: "Began", value: [{ atMs: startedAtMs, show: "date and time" }] };
  if (!isOver) return { label: "Since", value: [{ atMs: startedAtMs, show: "date and time" }] };
  return {
    label: "Lasted",
    value: [
      `${duration(lastOddAtMs - startedAtMs)}, `,
      { atMs: startedAtMs, show: "date and time" },
      " to ",
      { atMs: lastOddAtMs, show: "time" },
    ],
  };
}

/** How rare it is; of a service that is new nobody knows yet. */
function rarityOf({ conditions, score }: Episode): Fact {
  const seen = conditions.find(({ name }) => name === "minutes seen");
  const times = conditions.find(({ name }) => name === "times the worst minute");
  if (seen === undefined || times === undefined) {
    // Of few lines the score is held down.
    const rarity = conditions.find(({ name }) => name === "rarity")?.value ?? score;
    return { label: "By chance", value: rarityText(Math.max(score, rarity)) };
  }
  return {
    label: "Learning",
    value: `${duration(seen.value * 60_000)} seen so far, ${Math.round(times.value)} times their worst minute`,
  };
}

function chartBlock(evidence: EpisodeEvidence | undefined): Block[] {
  if (evidence === undefined)
    return [
      {
        kind: "text",
        text: "Its lines were not read for this message: the numbers are all there is. Type errors with its name to see them.",
      },
    ];
  return [{ kind: "chart", chart: evidence.chart, alt: altText(evidence.chart) }];
}

function clusterItem(
  { level, template, sample, before, since, count, isNew }: GrownCluster,
  at: number,
): Item {
  const grew = isNew ? "new" : `${rateText(since)} a minute where ${rateText(before)} is usual`;
  return {
    number: at + 1,
    heading: headline(template),
    detail: `${level}  ${countOf(count, "line", "lines")}, ${grew}`,
    log: proofLines(readable(sample, OF_A_SAMPLE), SAMPLE_LINES),
  };
}

/** @param clusterId whose root cause can be asked for */
export function alertButtons(eventId: string, clusterId: string | undefined, isOver: boolean): Button[] {
  return [
    ...(clusterId === undefined || isOver
      ? []
      : [button("Root cause", { name: "rootcause", subject: clusterId }, "primary")]),
    ...(isOver
      ? []
      : [
          button("Acknowledge", { name: ACKNOWLEDGE, subject: eventId }),
          button("Resolve", { name: RESOLVE, subject: eventId }),
          button("Mute 1 h", { name: "anomaly.mute1h", subject: eventId }),
          button("Mute 24 h", { name: "anomaly.mute24h", subject: eventId }),
          button("Mute …", { name: "mute", subject: eventId }),
        ]),
    ...verdictButtons(eventId),
  ];
}

/** What can still be said of an alert that is over. */
export function verdictButtons(eventId: string): Button[] {
  return [
    button("Right", { name: "anomaly.right", subject: eventId }),
    button("Not an anomaly", { name: "anomaly.wrong", subject: eventId }),
  ];
}

function footnoteOf(episode: Episode, evidence: EpisodeEvidence | undefined): string {
  const more = (evidence?.clusters.length ?? 0) - SHOWN_CLUSTERS;
  const grown = more > 0 ? ` ${countOf(more, "more kind has", "more kinds have")} grown.` : "";
  return `${episode.severity}: by how rare and how large it is for this service.${grown} Type explain ${shownName(episode.service)} for each condition.`;
}
