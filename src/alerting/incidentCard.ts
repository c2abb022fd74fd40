import { countOf, duration } from "../analysis/words.ts";
import { alertButtons, whenFact } from "../anomalies/card.ts";
import { isWorse, type Severity } from "../anomalies/metric.ts";
import { stateOf, unitOf, valueText } from "../anomalies/words.ts";
import type { Block, Card, Fact, Text } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import type { Cause } from "./grouping.ts";
import type { Member } from "./incidents.ts";

export interface IncidentCardParts {
  leaderId: string;
  /** Its leader first; more than one. */
  members: readonly Member[];
  /** The proof, of the worst of which there is one. */
  evidence: readonly Block[];
  /** The kind of line whose root cause can be asked for. */
  clusterId?: string | undefined;
}

/** Rows of its table: who wants to know of more asks for them. */
const SHOWN = 12;

/** What is posted about episodes that have a cause in common: which services, each with how it is off, worst first. */
export function incidentCard({ leaderId, members, evidence, clusterId }: IncidentCardParts): Card {
  const open = members.filter(({ resolution }) => resolution === undefined);
  const isOver = open.length === 0;
  const severity = worstOf(isOver ? members : open);
  const listed = worstFirst(members);
  const more = listed.length - SHOWN;
  return {
    title: titleOf(listed, isOver),
    tone: isOver ? "good" : severity === "HIGH" || severity === "CRITICAL" ? "critical" : "warning",
    badge: isOver ? "RESOLVED" : severity,
    body: [
      { kind: "facts", facts: factsOf(members, open) },
      {
        kind: "table",
        columns: ["Service", "What", "State"],
        rows: listed.slice(0, SHOWN).map(rowOf),
      },
      ...(more > 0
        ? [{ kind: "text" as const, text: `And ${more} more: type anomalies to see them all.` }]
        : []),
      ...evidence,
    ],
    actions: alertButtons(leaderId, clusterId, isOver),
    footnote:
      "One message for what began within minutes and has a cause in common. Type explain with a service's name for each.",
    discussable: true,
  };
}

/** As they are listed: those that go on, the worst, what began first, and of one minute what is furthest from usual. */
export function worstFirst(members: readonly Member[]): Member[] {
  return [...members].sort((a, b) => {
    const isOpenA = a.resolution === undefined;
    if (isOpenA !== (b.resolution === undefined)) return isOpenA ? -1 : 1;
    if (a.severity !== b.severity) return isWorse(a.severity, b.severity) ? -1 : 1;
    return a.startedAtMs - b.startedAtMs || offBy(b) - offBy(a);
  });
}

function offBy({ observedValue, baselineValue }: Member): number {
  return Math.abs(observedValue - baselineValue);
}

/** Whether a message lists several episodes. */
export function isIncident(card: Card | undefined): boolean {
  return card?.body.some(({ kind }) => kind === "table") ?? false;
}

/** What of a message proves what it says. */
export function isProof({ kind }: Block): boolean {
  return kind === "chart" || kind === "items" || kind === "links";
}

/** The worst severity of several. */
export function worstOf(members: readonly { severity: Severity }[]): Severity {
  return members.reduce<Severity>(
    (worst, { severity }) => (isWorse(severity, worst) ? severity : worst),
    "LOW",
  );
}

function titleOf(members: readonly Member[], isOver: boolean): string {
  const [worst] = members as [Member];
  const services = new Set(members.map(({ service }) => service));
  if (services.size === 1) {
    const name = shownName(worst.service);
    if (isOver) return `${name}: ${isByHand(members) ? "resolved" : "back to normal"}`;
    return `${name}: ${stateOf(worst)}, and ${countOf(members.length - 1, "thing", "things")} more`;
  }
  const names = [...services].slice(0, 3).map(shownName).join(", ");
  const all = services.size > 3 ? `${names} and ${services.size - 3} more` : names;
  const state = isOver ? (isByHand(members) ? "resolved" : "are back to normal") : "at once";
  return `${services.size} services ${state}: ${all}`;
}

function isByHand(members: readonly Member[]): boolean {
  return members.some(({ resolution }) => resolution === "by hand");
}

function factsOf(members: readonly Member[], open: readonly Member[]): Fact[] {
  const startedAtMs = Math.min(...members.map((member) => member.startedAtMs));
  const lastOddAtMs = Math.max(...members.map((member) => member.lastOddAtMs));
  const shared = new Set(members.flatMap(sharedBy));
  return [
    { label: "In common", value: [...shared].join(", ") },
    whenFact(startedAtMs, lastOddAtMs, open.length === 0, open.length === 0 && isByHand(members)),
    { label: "Going on", value: `${open.length} of ${members.length}` },
  ];
}

function sharedBy({ cause, namespace }: Member): string[] {
  if (cause === undefined) return [];
  return [cause === "namespace" ? `${IN_COMMON[cause]} ${shownName(namespace)}` : IN_COMMON[cause]];
}

/** What it is that episodes share, for people. */
export const IN_COMMON: Record<Cause, string> = {
  service: "the service",
  kind: "the same kind of error",
  deploy: "the same version deployed shortly before",
  namespace: "the namespace",
  "most services": "most services are off at once",
};

function rowOf(member: Member): Text[] {
  const { service, metric, observedValue, baselineValue, severity, startedAtMs, lastOddAtMs, resolution } =
    member;
  return [
    [{ strong: shownName(service) }],
    metric === "silence"
      ? "silent"
      : `${valueText(metric, observedValue)} ${unitOf(metric)}, usual ${valueText(metric, baselineValue)}`,
    resolution === undefined
      ? [`${severity} since `, { atMs: startedAtMs, show: "time" }]
      : resolution === "by hand"
        ? "resolved"
        : `over after ${duration(Math.max(60_000, lastOddAtMs - startedAtMs))}`,
  ];
}
