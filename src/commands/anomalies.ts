import { listChannels } from "../alerting/channels.ts";
import { duration } from "../analysis/words.ts";
import { lastedMs } from "../anomalies/lasted.ts";
import { type AnomalyEvent, type AnomalyFilter, listAnomalies } from "../anomalies/store.ts";
import { findWatch } from "../anomalies/watchStore.ts";
import { factorText, stateOf, unitOf, valueText } from "../anomalies/words.ts";
import type { Card, Inline, Item } from "../chat/card.ts";
import type { OptionDefinition } from "../chat/command.ts";
import { shownName } from "../chat/shownName.ts";
import { UserError } from "../errors.ts";
import { type KnownName, knownName } from "../logs/knownName.ts";
import { hasEnded, recordedUntil, recordingText } from "../logs/recording.ts";
import type { LogSource } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { optionalService } from "./options.ts";
import { toldChannels } from "./told.ts";

const SHOWN = 20;
const STATES = ["open", "resolved", "all"] as const;

const state = {
  name: "state",
  kind: "state",
  description: "open, resolved or all (all unless said)",
  required: false,
  choices: STATES,
  parse(raw: string) {
    const found = STATES.find((candidate) => candidate === raw.toLowerCase());
    if (found === undefined)
      throw new UserError(`"${raw.slice(0, 40)}" is not a state. Use open, resolved or all.`);
    return found;
  },
} as const satisfies OptionDefinition<(typeof STATES)[number]>;

export function anomaliesCommand({ logs, now }: { logs: LogSource; now: () => number }): Command {
  return defineCommand({
    name: "anomalies",
    summary: "Open and recent anomalies, who looks into them, and who was told",
    examples: ["anomalies", "anomalies checkout state:open"],
    role: "viewer",
    visibility: "channel",
    options: [optionalService, state],
    async run(call) {
      const { service: typed, state } = call.options;
      const filter = {
        ...(typed !== undefined && { service: typed }),
        ...(state !== undefined && state !== "all" && { state }),
      };
      const { id: own, scope } = call.workspace();
      const [{ found, of }, watch, channels] = await Promise.all([
        find({ logs, now }, scope, filter),
        findWatch(scope),
        listChannels(scope, "alerts"),
      ]);
      const telling = {
        own,
        isLive: watch?.liveSinceMs !== undefined,
        hasChannel: channels.length > 0,
        nowMs: now(),
        recordedUntilMs: recordedUntil(logs, scope.lokiOrgId),
      };
      return message(anomaliesCard(found, { of, state }, telling), "channel");
    },
  });
}

interface Found {
  /** As `listed` gives them. */
  found: readonly AnomalyEvent[];
  /** The service that was asked about. */
  of?: KnownName;
}

/** Of a service whatever the case it was typed in; where nothing was found of it, the logs say how it is written. */
async function find(
  { logs, now }: { logs: LogSource; now: () => number },
  scope: TenantScope,
  filter: AnomalyFilter,
): Promise<Found> {
  const found = await listed(scope, filter);
  const { service: typed } = filter;
  if (typed === undefined) return { found };
  if (found.length > 0) return { found, of: { name: typed } };
  const of = await knownName(logs, scope.lokiOrgId, typed, now());
  return { found: of.name === typed ? found : await listed(scope, { ...filter, service: of.name }), of };
}

/** What is open first, whatever came after it: that none is must be so. One more than are shown where there are more. */
async function listed(scope: TenantScope, { state, ...filter }: AnomalyFilter): Promise<AnomalyEvent[]> {
  const [open, over] = await Promise.all([
    state === "resolved" ? [] : listAnomalies(scope, { ...filter, state: "open" }, SHOWN + 1),
    state === "open" ? [] : listAnomalies(scope, { ...filter, state: "resolved" }, SHOWN + 1),
  ]);
  return [...open, ...over];
}

/** How things stand when it is said who was told. */
interface Telling {
  /** The workspace that reads it. */
  own: string;
  isLive: boolean;
  hasChannel: boolean;
  nowMs: number;
  recordedUntilMs: number | undefined;
}

/** @param found those that are open first; more than are shown where there are more */
function anomaliesCard(
  found: readonly AnomalyEvent[],
  { of: service, state }: { of?: KnownName | undefined; state?: (typeof STATES)[number] | undefined },
  telling: Telling,
): Card {
  const of = service === undefined ? "" : ` of ${shownName(service.name)}`;
  const events = found.slice(0, SHOWN);
  const allOpen = found.filter((event) => event.resolvedAtMs === undefined).length;
  const open = Math.min(allOpen, SHOWN);
  const openText = allOpen > SHOWN ? `more than ${SHOWN}` : String(open);
  const resolved = events.length - open;
  const newest = resolved > 0 && found.length > SHOWN ? "the newest " : "";
  const counts = [
    ...(state === "resolved" ? [] : [`${openText} open`]),
    ...(state === "open" || allOpen >= SHOWN ? [] : [`${newest}${resolved} resolved`]),
  ];
  if (events.length === 0) {
    return {
      title: `No anomalies${of}`,
      tone: "neutral",
      body: [
        {
          kind: "text",
          text: ["None was detected. Type ", { code: "watch status" }, " to see how services are watched."],
        },
        ...(service?.doubt === undefined ? [] : [{ kind: "text" as const, text: service.doubt }]),
      ],
    };
  }
  return {
    title: `Anomalies${of}: ${counts.join(", ")}`,
    tone: open > 0 ? "warning" : "good",
    badge:
      state === "resolved"
        ? `${resolved} RESOLVED`
        : open > 0
          ? `${openText.toUpperCase()} OPEN`
          : "NONE OPEN",
    body: [{ kind: "items", items: events.map((event) => anomalyItem(event, telling)) }],
    ...footnoteOf(found, open, telling),
  };
}

/** What is open stays so when nothing is logged any more. */
function footnoteOf(
  { length }: readonly AnomalyEvent[],
  open: number,
  { recordedUntilMs, nowMs }: Telling,
): Pick<Card, "footnote"> {
  const newest =
    length > SHOWN
      ? [`Shown are ${SHOWN}: what is open, then the newest. Narrow it with a service or state:open.`]
      : [];
  const ended =
    open > 0 && hasEnded(recordedUntilMs, nowMs)
      ? ["What is open stays so: the recording ", ...recordingText(recordedUntilMs, nowMs), "."]
      : [];
  if (newest.length + ended.length === 0) return {};
  return { footnote: [...newest, ...(newest.length > 0 && ended.length > 0 ? [" "] : []), ...ended] };
}

function anomalyItem(event: AnomalyEvent, telling: Telling): Item {
  const { metric, baselineValue, observedValue } = event;
  const factor =
    baselineValue > 0 && observedValue > baselineValue
      ? ` (${factorText(observedValue / baselineValue)})`
      : "";
  const isOpen = event.resolvedAtMs === undefined;
  const lasted = duration(lastedMs(event, telling.nowMs));
  return {
    heading: [{ strong: `${event.severity}  ${shownName(event.service)}` }, `  ${stateOf(event)}`],
    detail: [
      isOpen ? "open since " : "from ",
      { atMs: event.startedAtMs, show: "date and time" },
      `, ${isOpen ? `${lasted} so far` : `for ${lasted}`}; `,
      `${valueText(metric, observedValue)} ${unitOf(metric)} where ${valueText(metric, baselineValue)} is usual${factor}; `,
      ...(isOpen ? acknowledgedText(event) : []),
      ...toldText(event, telling),
    ],
  };
}

/** Of one that is over the message says it; here it is who else need not look. */
function acknowledgedText({ acknowledged }: AnomalyEvent): Inline[] {
  if (acknowledged === undefined) return [];
  return [
    `${acknowledged.by} looks into it since `,
    { atMs: acknowledged.atMs, show: "date and time" },
    "; ",
  ];
}

function toldText(event: AnomalyEvent, telling: Telling): Inline[] {
  return event.deliveries.length > 0 ? toldChannels(event, telling.own) : [whyNobody(event, telling)];
}

function whyNobody({ isShadow, resolvedAtMs }: AnomalyEvent, telling: Telling): string {
  if (!isShadow) return "nobody was told";
  if (resolvedAtMs !== undefined || !telling.isLive) return "in shadow mode, so nobody was told";
  // Since then somebody has gone live.
  return telling.hasChannel
    ? "found in shadow mode, and not told yet"
    : "no channel gets alerts yet, so nobody was told";
}
