import { duration } from "../analysis/words.ts";
import { type Block, button, type Card, type Item } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import { hasEnded, recordingText } from "../logs/recording.ts";
import { lastedMs } from "./lasted.ts";
import type { Sensitivity } from "./sensitivity.ts";
import type { AnomalyEvent } from "./store.ts";
import type { Watch } from "./watchStore.ts";
import { stateOf, unitOf, valueText } from "./words.ts";

const SHOWN = 10;
const HOUR_MS = 3_600_000;
/** Seasons of the day are known after so long; before it only what is far beyond all that was seen is told. */
export const LEARNT_MS = 24 * HOUR_MS;

export interface SummaryParts {
  watch: Watch | undefined;
  /** Of the last day, newest first: those that were detected, told or not. */
  events: readonly AnomalyEvent[];
  /** There are more than these. */
  areCut: boolean;
  services: number;
  sensitivity: Sensitivity;
  nowMs: number;
  /** Whether there is a channel that alerts would be posted to. */
  hasChannel: boolean;
  /** Of a recording that is shown as if now: when its last line is, or was. */
  recordedUntilMs?: number;
}

/** How services are watched, and what would have been posted or was: in shadow mode the day's summary. */
export function watchCard(parts: SummaryParts): Card {
  const { watch, events, sensitivity, hasChannel } = parts;
  const isLive = watch?.liveSinceMs !== undefined;
  const count = parts.areCut ? `more than ${events.length}` : String(events.length);
  const [alerts, anomalies] = events.length === 1 ? ["alert", "anomaly"] : ["alerts", "anomalies"];
  return {
    title: isLive
      ? `Live: ${count} ${anomalies} in the last day`
      : `Shadow mode: ${count} ${alerts} would have been posted in the last day`,
    tone: "neutral",
    badge: isLive ? "LIVE" : "SHADOW",
    body: [
      { kind: "facts", facts: factsOf(parts) },
      ...(events.length === 0
        ? [{ kind: "text" as const, text: "Nothing was out of the ordinary." }]
        : [{ kind: "items" as const, items: events.slice(0, SHOWN).map(eventItem) }]),
      ...adviceOf(isLive, hasChannel),
    ],
    actions: [
      ...(isLive
        ? [button("Back to shadow mode", { name: "watch.shadow", subject: "" })]
        : [button("Go live", { name: "watch.live", subject: "" }, "primary")]),
      ...(sensitivity === "high" ? [] : [button("More sensitive", { name: "watch.more", subject: "" })]),
      ...(sensitivity === "low" ? [] : [button("Less sensitive", { name: "watch.less", subject: "" })]),
    ],
    ...(events.length > SHOWN && {
      footnote: `The newest ${SHOWN} of ${count}. Type anomalies for more.`,
    }),
  };
}

function factsOf({ watch, services, sensitivity, nowMs, recordedUntilMs }: SummaryParts) {
  return [
    { label: "Services watched", value: String(services) },
    { label: "Learnt", value: learntText(watch, nowMs) },
    { label: "Sensitivity", value: sensitivity },
    ...(watch?.scannedUntilMs === undefined
      ? []
      : [{ label: "Watched up to", value: [{ atMs: watch.scannedUntilMs, show: "time" as const }] }]),
    ...(watch?.failing === undefined
      ? []
      : [
          {
            label: "Not read since",
            value: [
              { atMs: watch.failing.sinceMs, show: "date and time" as const },
              `: ${watch.failing.why}`,
            ],
          },
        ]),
    ...(recordedUntilMs === undefined
      ? []
      : [{ label: "Recording", value: recordingText(recordedUntilMs, nowMs) }]),
    // Of a recording that is over nothing else is to be expected.
    ...(watch?.silentSinceMs === undefined || hasEnded(recordedUntilMs, nowMs)
      ? []
      : [
          {
            label: "No lines from any service since",
            value: [{ atMs: watch.silentSinceMs, show: "date and time" as const }],
          },
        ]),
  ];
}

/** "learning, 5 h of 24: …" */
export function learntText(watch: Watch | undefined, nowMs: number): string {
  if (watch?.learnedFromMs === undefined) return "nothing yet";
  const ms = (watch.scannedUntilMs ?? nowMs) - watch.learnedFromMs;
  if (ms >= LEARNT_MS) return duration(ms);
  const so = ms < HOUR_MS ? duration(ms) : `${Math.floor(ms / HOUR_MS)} h`;
  return `learning, ${so} of 24 h: until then only what is far beyond everything seen so far`;
}

function eventItem(event: AnomalyEvent): Item {
  const lasted =
    event.resolvedAtMs === undefined ? "open" : `lasted ${duration(lastedMs(event, event.lastOddAtMs))}`;
  return {
    heading: [{ strong: `${event.severity}  ${shownName(event.service)}` }, `  ${stateOf(event)}`],
    detail: [
      { atMs: event.startedAtMs, show: "date and time" },
      `, ${lasted}; ${valueText(event.metric, event.observedValue)} ${unitOf(event.metric)} where ${valueText(event.metric, event.baselineValue)} is usual`,
    ],
  };
}

function adviceOf(isLive: boolean, hasChannel: boolean): Block[] {
  if (!hasChannel)
    return [
      {
        kind: "text",
        text: ["No channel gets alerts yet: type ", { code: "channel alerts" }, " in the one that should."],
      },
    ];
  if (isLive) return [];
  return [
    {
      kind: "text",
      text: "In shadow mode alerts are collected and not posted. When they are the ones you want, go live; when they are too many or too few, change how sensitive the watch is first.",
    },
  ];
}
