import { sparkline } from "../charts/sparkline.ts";
import type { Inline, Item } from "../chat/card.ts";
import { type EvidenceItem, evidenceItems } from "../evidence/items.ts";
import { type Pack, type PastAnalysis, type RankedCluster, rangeOf } from "../evidence/pack.ts";
import { proofLines } from "../evidence/proofLines.ts";
import { OF_A_SAMPLE, readable } from "../logs/readable.ts";
import type { TimeRange } from "../logs/source.ts";
import { type Answer, confidenceWord } from "./answer.ts";
import { saidBy } from "./clusterSaid.ts";
import { addressesReader } from "./grounding/hostile.ts";
import { withBrokenHosts } from "./grounding/links.ts";
import { countOf, headline, likeText, moment, rateText, withoutStop } from "./words.ts";

/** Lines of a sample shown on the card: a message and the top of its stack. */
const SHOWN_SAMPLE_LINES = 6;
/** Characters of one line of text of an item that is no cluster. */
const LINE_CHARS = 160;

/** The culprit first, then what the answer cites, then the rest by rank. Numbers are ranks and stay what they are. */
export function evidenceOrder(pack: Pack, answer: Pick<Answer, "cites">): number[] {
  const rest = pack.clusters.map((_, at) => at + 1).filter((number) => !answer.cites.includes(number));
  return [...answer.cites, ...rest];
}

/** @param number of an item that the pack has */
export function evidenceItem(pack: Pack, number: number, sampleLines = SHOWN_SAMPLE_LINES): Item {
  const item = evidenceItems(pack)[number - 1] as EvidenceItem;
  if (item.kind !== "cluster") return { number, ...otherItem(pack, item) };
  const { cluster } = item;
  const sample = readable(cluster.sample, OF_A_SAMPLE);
  const speaks = [cluster.sample, cluster.template, sample].some(addressesReader);
  const shown = (text: string) => (speaks ? withBrokenHosts(text) : text);
  return {
    number,
    heading: [{ strong: cluster.service }, `: ${shown(withoutName(saidBy(cluster), cluster.service))}`],
    detail: [
      `${cluster.level}  ${cluster.count === 0 ? "none in this time" : countOf(cluster.count, "line", "lines")}  `,
      { code: sparkline(cluster.series) },
      "  ",
      ...unfolding(cluster, rangeOf(pack)),
      ...(speaks ? ["; it speaks to whoever reads it, so no answer rests on it"] : []),
    ],
    log: proofLines(sample, sampleLines).map(shown),
  };
}

/** Many programs write their own name first, where it stands already. */
function withoutName(text: string, service: string): string {
  return text.toLowerCase().startsWith(`${service.toLowerCase()} `) ? text.slice(service.length + 1) : text;
}

/** When it began and why it ranks where it does. */
function unfolding(cluster: RankedCluster, range: TimeRange): Inline[] {
  if (cluster.onsetMs === undefined) return [cluster.count === 0 ? "was there before" : "went on as before"];
  const usual = cluster.isNew ? "" : `, ${rateText(cluster.expected)} would be usual`;
  const like = cluster.like === undefined ? [] : ["; ", ...likeText(cluster.like)];
  return ["began ", moment(cluster.onsetMs, range), `${usual}; ${cluster.reasons.join("; ")}`, ...like];
}

function otherItem(pack: Pack, item: Exclude<EvidenceItem, { kind: "cluster" }>): Omit<Item, "number"> {
  const service = { strong: item.service };
  const range = rangeOf(pack);
  switch (item.kind) {
    case "drop": {
      const { perMinuteUsual, perMinuteNow, against, template } = item.drop;
      return {
        heading: [service, ` stopped saying: ${headline(template, LINE_CHARS)}`],
        detail: `${formatCount(perMinuteNow)} lines a minute, where ${rateText(perMinuteUsual)} would be usual by ${against === "before" ? "what it said just before" : "an earlier time"}`,
      };
    }
    case "quieter": {
      const { perMinuteBefore, perMinuteAfter, atMs } = item.volume;
      return {
        heading: [service, " fell quiet"],
        detail: [
          `${formatCount(perMinuteAfter)} lines a minute since `,
          moment(atMs, range),
          `, ${formatCount(perMinuteBefore)} before`,
        ],
      };
    }
    case "deploy":
      return {
        heading: [service, ` ${item.deploy.version} was deployed`],
        detail: [moment(item.deploy.atMs, range)],
      };
    case "event":
      return {
        heading: [service, `: ${EVENT_WORDS[item.event.kind]}`],
        detail: [moment(item.event.atMs, range)],
        ...(item.event.kind === "anomaly"
          ? { detail: [moment(item.event.atMs, range), `: ${item.event.text}`] }
          : { log: [item.event.text] }),
      };
    case "past":
      return {
        heading: [service, item.past.isOfThisIncident ? ": this was looked into before" : " had this before"],
        detail: pastText(item.past),
      };
  }
}

/** What happened to a service, behind its name. */
export const EVENT_WORDS = {
  restart: "it was restarted",
  configuration: "its configuration changed",
  anomaly: "anomaly",
};

/** `Nov 3, 14:20: orders-db refuses connections (confidence high); 2 people said right. It was: …` */
export function pastText({
  atMs,
  rootCause,
  confidence,
  namedNoCause = false,
  right,
  partly,
  wrong,
  cause,
}: PastAnalysis): Inline[] {
  const said = [
    ...(right > 0 ? [`${countOf(right, "person", "people")} said right`] : []),
    ...(partly > 0 ? [`${countOf(partly, "person", "people")} said partly right`] : []),
    ...(wrong > 0 ? [`${countOf(wrong, "person", "people")} said wrong`] : []),
  ];
  return [
    { atMs, show: "date and time" },
    namedNoCause
      ? ": the logs did not show the cause"
      : `: ${withoutStop(headline(rootCause, LINE_CHARS))} (confidence ${confidenceWord(confidence)})`,
    said.length === 0 || namedNoCause ? "" : `; ${said.join(", ")}`,
    cause === undefined ? "" : `. It was: ${headline(cause, LINE_CHARS)}`,
  ];
}

function formatCount(count: number): string {
  return count >= 10 || count === 0 ? Math.round(count).toLocaleString("en-US") : count.toFixed(1);
}
