import type { Block, Inline } from "../../chat/card.ts";
import type { PackEvent } from "../../evidence/events.ts";
import { type EvidenceItem, evidenceItems } from "../../evidence/items.ts";
import type { Pack, RankedCluster } from "../../evidence/pack.ts";
import { fellQuiet } from "../abstain.ts";
import { DEPLOY_REACH_MS, MIN_SCORE } from "../builtin.ts";
import { quoted } from "../clusterSaid.ts";
import { EVENT_WORDS } from "../evidenceCard.ts";
import { duration, headline } from "../words.ts";
import { inShort } from "./affected.ts";
import { exactly, type FollowUp, type Subject, tableOf, text } from "./topic.ts";

/** Characters of what was said, in a row of the table and in the sentence above it. */
const ROW_CHARS = 70;

interface Onset {
  number: number;
  atMs: number;
  cluster: RankedCluster;
}

/** What came first, in a sentence; and then everything that happened, to the second. */
export function tellTimeline({ pack }: FollowUp, subject: Subject | undefined): Block[] {
  const onsets = onsetsOf(pack, subject);
  const happened = [
    ...onsets.map(({ number, atMs, cluster }) => ({
      atMs,
      what: `${cluster.service} ${cluster.isNew ? "began to log" : "logged more of"} [${number}]: ${quoted(cluster, ROW_CHARS)}`,
    })),
    ...evidenceItems(pack).flatMap((item) =>
      subject === undefined || subject.numbers.includes(item.number) ? otherMoment(pack, item) : [],
    ),
  ].sort((a, b) => a.atMs - b.atMs);
  if (happened.length === 0) {
    return [
      text(
        subject === undefined
          ? "Nothing began within what was read: it all went on as before."
          : `Nothing of ${subject.name} began within what was read: it went on as before, or logged nothing of this evidence.`,
      ),
    ];
  }
  return [
    ...(onsets.length === 0 ? [] : [text(firstOf(pack, onsets))]),
    ...tableOf(
      ["When", "What"],
      happened.map(({ atMs, what }) => [[exactly(atMs, pack)], what]),
    ),
  ];
}

/** Of the incident the first of each service; of one thing all it has. By time. */
function onsetsOf({ clusters }: Pack, subject: Subject | undefined): Onset[] {
  const onsets = clusters.flatMap((cluster, at): Onset[] => {
    const number = at + 1;
    const isAsked = subject === undefined || subject.numbers.includes(number);
    return cluster.onsetMs === undefined || !isAsked ? [] : [{ number, atMs: cluster.onsetMs, cluster }];
  });
  onsets.sort((a, b) => a.atMs - b.atMs);
  if (subject !== undefined) return onsets;
  const services = new Set<string>();
  return onsets.filter(({ cluster: { service } }) => !services.has(service) && services.add(service));
}

/** `reconciler, 05:04:03: "page 41 failed" [2], 1 s before orders-db [1].` */
function firstOf(pack: Pack, onsets: readonly Onset[]): Inline[] {
  const clear = onsets.filter(({ cluster }) => cluster.score >= MIN_SCORE);
  const [first, ...later] = clear.length > 0 ? clear : onsets;
  if (first === undefined) return [];
  const next = later.find(({ cluster }) => cluster.service !== first.cluster.service);
  const { atMs, number, cluster } = first;
  const gapMs = (next?.atMs ?? atMs) - atMs;
  const gap = gapMs < 1_000 ? "at the same moment as" : `${duration(gapMs)} before`;
  const deploy = evidenceItems(pack).findLast(
    (item) =>
      item.kind === "deploy" && item.deploy.atMs <= atMs && atMs - item.deploy.atMs <= DEPLOY_REACH_MS,
  );
  return [
    { strong: cluster.service },
    ", ",
    exactly(atMs, pack),
    `: ${quoted(cluster)} [${number}]`,
    next === undefined ? "." : `, ${gap} ${next.cluster.service} [${next.number}].`,
    deploy?.kind === "deploy"
      ? ` ${deploy.service} ${deploy.deploy.version} had been deployed ${duration(atMs - deploy.deploy.atMs)} before [${deploy.number}].`
      : "",
  ];
}

/** A line behind its own time and level: both stand in the row already, or tell nothing. */
function withoutStamp(line: string): string {
  return line.replace(/^\W{0,3}\d{4}-\d\d-\d\d[T ][\d:.,]{8,18}Z?\s{0,4}(?:\[?[A-Z]{4,8}\]?\s{1,4})?/, "");
}

function otherMoment(pack: Pack, item: EvidenceItem): { atMs: number; what: string }[] {
  const { number, service } = item;
  switch (item.kind) {
    case "deploy":
      return [{ atMs: item.deploy.atMs, what: `${service} ${item.deploy.version} was deployed [${number}]` }];
    case "event": {
      const { kind, text: said } = item.event;
      const what =
        kind === "anomaly"
          ? inShort(said)
          : `${EVENT_WORDS[kind]}, ${headline(withoutStamp(said), ROW_CHARS)}`;
      const atMs = kind === "anomaly" ? withinMinute(pack, item.event) : item.event.atMs;
      return [{ atMs, what: `${service}: ${what} [${number}]` }];
    }
    case "quieter":
      return [{ atMs: item.volume.atMs, what: `${fellQuiet(item.volume)} [${number}]` }];
    case "cluster":
    case "drop":
    case "past":
      return [];
  }
}

const MINUTE_MS = 60_000;

/** An anomaly is known by its minute: where a line of its service rose within that, it did not begin before that line. */
function withinMinute({ clusters }: Pack, { service, namespace, atMs }: PackEvent): number {
  const within = clusters.flatMap(({ onsetMs = 0, ...of }) =>
    of.service === service && of.namespace === namespace && onsetMs >= atMs && onsetMs < atMs + MINUTE_MS
      ? [onsetMs]
      : [],
  );
  return within.length === 0 ? atMs : Math.min(...within);
}
