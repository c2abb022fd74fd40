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
      const [{ events, of }, watch, channels] = await Promise.all([
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
      return message(anomaliesCard(events, of, telling), "channel");
    },
  });
}

interface Found {
  events: readonly AnomalyEvent[];
  /** The service that was asked about. */
  of?: KnownName;
}

/** Of a service whatever the case it was typed in; where nothing was found of it, the logs say how it is written. */
async function find(
  { logs, now }: { logs: LogSource; now: () => number },
  scope: TenantScope,
  filter: AnomalyFilter,
): Promise<Found> {
  const events = await listed(scope, filter);
  const { service: typed } = filter;
  if (typed === undefined) return { events };
  if (events.length > 0) return { events, of: { name: typed } };
  const of = await knownName(logs, scope.lokiOrgId, typed, now());
  return { events: of.name === typed ? events : await listed(scope, { ...filter, service: of.name }), of };
}

/** What is open first, however much has been found and was over since; then the newest. */
async function listed(scope: TenantScope, filter: AnomalyFilter): Promise<AnomalyEvent[]> {
  const newest = await listAnomalies(scope, filter, SHOWN);
  if (filter.state !== undefined || newest.length < SHOWN) return newest;
  const open = await listAnomalies(scope, { ...filter, state: "open" }, SHOWN);
  const others = newest.filter(({ id }) => !open.some((one) => one.id === id));
  return [...open, ...others].slice(0, SHOWN);
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

function anomaliesCard(
  events: readonly AnomalyEvent[],
  service: KnownName | undefined,
  telling: Telling,
): Card {
  const of = service === undefined ? "" : ` of ${shownName(service.name)}`;
  const open = events.filter((event) => event.resolvedAtMs === undefined).length;
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
    title: `Anomalies${of}: ${open} open, ${events.length - open} resolved`,
    tone: open > 0 ? "warning" : "good",
    badge: open > 0 ? `${open} OPEN` : "NONE OPEN",
    body: [{ kind: "items", items: events.map((event) => anomalyItem(event, telling)) }],
    ...footnoteOf(events, open, telling),
  };
}

/** What is open stays so when nothing is logged any more. */
function footnoteOf(
  { length }: readonly AnomalyEvent[],
  open: number,
  { recordedUntilMs, nowMs }: Telling,
): Pick<Card, "footnote"> {
  const newest =
    length === SHOWN
      ? [`These ${SHOWN} and no more: what is open, then the newest. Narrow it with a service or state:open.`]
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
