import { countOf, duration } from "../analysis/words.ts";
import { SEVERITIES, type Severity } from "../anomalies/metric.ts";
import { stateOf } from "../anomalies/words.ts";
import type { Block, Card, Fact, Inline, Item } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import type { DigestEvent } from "./digestStore.ts";
import type { Mute } from "./mutes.ts";

/** Rows of the card, those of what is muted among them. */
const ROWS = 10;
const MUTE_ROWS = 3;
/** What is over so soon, and nobody took for something, needed nobody. */
const BRIEF_MS = 5 * 60_000;

export interface DigestParts {
  every: "daily" | "weekly";
  zone: string;
  fromMs: number;
  untilMs: number;
  nowMs: number;
  /** What was detected in that time, and what is open from before. */
  events: readonly DigestEvent[];
  /** There are more than these. */
  areCut: boolean;
  mutes: readonly Mute[];
  /** API keys that nobody uses. */
  unusedKeys?: readonly string[];
  /** Why the logs are not read just now. */
  failing?: { sinceMs: number; why: string };
}

/** The summary of a channel's day or week: what fired, what of it was noise, what is open and what is muted. */
export function digestCard(parts: DigestParts): Card {
  const { every, fromMs, events, areCut, mutes, zone } = parts;
  const fired = events.filter(({ detectedAtMs }) => detectedAtMs >= fromMs);
  const open = events.filter(isOpen);
  const services = byService(events);
  const shownMutes = mutes.slice(0, MUTE_ROWS);
  const shown = services.slice(0, ROWS - shownMutes.length);
  const facts = [...firedFacts(parts, fired), ...openFact(open), ...failingFact(parts)];
  const heading = every === "daily" ? "Daily digest" : "Weekly digest";
  return {
    title:
      fired.length === 0
        ? `${heading}: nothing fired since ${every === "daily" ? "yesterday" : "last Monday"}`
        : `${heading}: ${areCut ? "more than " : ""}${countOf(fired.length, "anomaly", "anomalies")}`,
    tone:
      open.length > 0 || parts.failing !== undefined ? "warning" : fired.length === 0 ? "good" : "neutral",
    badge: open.length > 0 ? "STILL OPEN" : every.toUpperCase(),
    body: [
      ...(facts.length === 0 ? [] : [{ kind: "facts" as const, facts }]),
      ...listOf(
        shown.map((service) => serviceItem(service, parts)),
        services.length - shown.length,
      ),
      ...(mutes.length === 0 ? [] : [{ kind: "text" as const, text: [{ strong: "Muted now" }] }]),
      ...listOf(shownMutes.map(muteItem), mutes.length - shownMutes.length),
      ...unusedText(parts.unusedKeys ?? []),
    ],
    footnote: [
      `At nine${every === "weekly" ? " on Mondays" : ""}, ${zone}. `,
      ...(events.length === 0 ? [] : ["Each of them: ", { code: "anomalies" }, ". "]),
      "No digest: ",
      { code: "channel policy digest:off" },
      ".",
    ],
  };
}

function unusedText(names: readonly string[]): Block[] {
  if (names.length === 0) return [];
  const more = names.length > MUTE_ROWS ? ` and ${names.length - MUTE_ROWS} more` : "";
  return [
    {
      kind: "text",
      text: [
        { strong: names.length === 1 ? "API key nobody uses: " : "API keys nobody uses: " },
        `${names.slice(0, MUTE_ROWS).join(", ")}${more}, for 90 days. An admin ends one in the key channel: `,
        { code: "keys revoke <name>" },
      ],
    },
  ];
}

function listOf(items: Item[], more: number): Block[] {
  if (items.length === 0) return [];
  return [{ kind: "items", items: more > 0 ? [...items, { heading: `and ${more} more` }] : items }];
}

function firedFacts({ fromMs, untilMs }: DigestParts, fired: readonly DigestEvent[]): Fact[] {
  if (fired.length === 0) return [];
  const counts = SEVERITIES.toReversed().flatMap((severity) => {
    const count = fired.filter((event) => event.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  const noise = noiseText(fired);
  const untold = fired.filter(({ isTold }) => !isTold).length;
  return [
    {
      label: "From",
      value: [{ atMs: fromMs, show: "date and time" }, " to ", { atMs: untilMs, show: "date and time" }],
    },
    { label: "Fired", value: counts.join(", ") },
    ...(noise === "" ? [] : [{ label: "Noise", value: noise }]),
    ...(untold === 0 ? [] : [{ label: "Not posted here", value: `${untold}` }]),
  ];
}

function noiseText(fired: readonly DigestEvent[]): string {
  const labelled = fired.filter(({ verdict }) => verdict === "no anomaly").length;
  const brief = fired.filter((event) => event.verdict === undefined && isBrief(event)).length;
  return [
    ...(labelled === 0 ? [] : [`${labelled} labelled not an anomaly`]),
    ...(brief === 0 ? [] : [`${brief} over within ${duration(BRIEF_MS)}, acknowledged by nobody`]),
  ].join("; ");
}

function openFact(open: readonly DigestEvent[]): Fact[] {
  const [worst] = open.toSorted(worstFirst);
  if (worst === undefined) return [];
  return [
    {
      label: "Still open",
      value: [
        `${open.length}, the worst ${shownName(worst.service)}, ${worst.severity}, since `,
        { atMs: worst.startedAtMs, show: "date and time" },
      ],
    },
  ];
}

function failingFact({ failing }: DigestParts): Fact[] {
  if (failing === undefined) return [];
  return [
    {
      label: "Logs not read since",
      value: [{ atMs: failing.sinceMs, show: "date and time" }, `: ${failing.why}`],
    },
  ];
}

interface ServiceEvents {
  service: string;
  /** The worst first. */
  events: DigestEvent[];
}

/** What is open first and what is noise alone last, then by the worst, then by how many there were. */
function byService(events: readonly DigestEvent[]): ServiceEvents[] {
  const found = new Map<string, DigestEvent[]>();
  for (const event of events) found.set(event.service, [...(found.get(event.service) ?? []), event]);
  return [...found]
    .map(([service, own]) => ({ service, events: own.toSorted(worstFirst) }))
    .toSorted(
      (a, b) =>
        Number(b.events.some(isOpen)) - Number(a.events.some(isOpen)) ||
        Number(a.events.every(isNoise)) - Number(b.events.every(isNoise)) ||
        worstFirst(a.events[0] as DigestEvent, b.events[0] as DigestEvent) ||
        b.events.length - a.events.length,
    );
}

function serviceItem({ service, events }: ServiceEvents, { nowMs }: DigestParts): Item {
  const [worst] = events as [DigestEvent, ...DigestEvent[]];
  const open = events.filter(isOpen);
  const noise = events.filter(isNoise).length;
  const lasted: Inline = isOpen(worst)
    ? `open for ${duration(nowMs - worst.startedAtMs)}`
    : `lasted ${duration(lastedMs(worst))}`;
  const others = events.length - 1;
  return {
    heading: [{ strong: `${worst.severity}  ${shownName(service)}` }, `  ${stateOf(worst)}`],
    detail: [
      { atMs: worst.startedAtMs, show: "date and time" },
      `, ${lasted}`,
      others === 0 ? "" : `; ${others} more${openOf(open.length, isOpen(worst))}`,
      noise === 0 ? "" : `; ${noise === events.length ? "" : `${noise} of them `}noise`,
    ],
  };
}

/** Of those beside the worst. */
function openOf(open: number, isWorstOpen: boolean): string {
  const others = open - (isWorstOpen ? 1 : 0);
  return others === 0 ? "" : `, ${others} of them open`;
}

function muteItem({ service, endsAtMs, reason, mutedBy }: Mute): Item {
  return {
    heading: [{ strong: shownName(service) }, "  until ", { atMs: endsAtMs, show: "date and time" }],
    detail: `by ${mutedBy}${reason === undefined ? ", no reason given" : `: ${reason}`}`,
  };
}

function isOpen({ resolvedAtMs }: DigestEvent): boolean {
  return resolvedAtMs === undefined;
}

function isNoise(event: DigestEvent): boolean {
  return event.verdict === "no anomaly" || isBrief(event);
}

function isBrief(event: DigestEvent): boolean {
  return !isOpen(event) && !event.isAcknowledged && event.verdict !== "right" && lastedMs(event) <= BRIEF_MS;
}

function lastedMs({ startedAtMs, lastOddAtMs }: DigestEvent): number {
  return lastOddAtMs - startedAtMs;
}

function worstFirst(a: DigestEvent, b: DigestEvent): number {
  const rank = (severity: Severity) => SEVERITIES.indexOf(severity);
  return rank(b.severity) - rank(a.severity) || lastedMs(b) - lastedMs(a);
}
