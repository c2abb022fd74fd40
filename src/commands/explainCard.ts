import type { KeptHold } from "../alerting/holds.ts";
import { duration } from "../analysis/words.ts";
import { amountOf, figureOf, METRIC_NAMES } from "../anomalies/conditionText.ts";
import type { Explained } from "../anomalies/explain.ts";
import { lastedMs } from "../anomalies/lasted.ts";
import { SEVERITIES } from "../anomalies/metric.ts";
import type { RateChart } from "../anomalies/rateChart.ts";
import type { AnomalyEvent } from "../anomalies/store.ts";
import { stateOf as saidOf } from "../anomalies/words.ts";
import type { Chart } from "../charts/chart.ts";
import type { Card, Fact, Inline, Item } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import type { ServiceRef, TimeRange } from "../logs/source.ts";
import { metricItem } from "./explainMetric.ts";
import { toldChannels } from "./told.ts";

const MINUTE_MS = 60_000;

/** What `explain` found. */
export interface Explanation {
  /** The workspace that reads it. */
  own: string;
  ref: ServiceRef;
  minuteMs: number;
  explained: readonly Explained[];
  /** Kept events that the minute is part of. */
  events: readonly AnomalyEvent[];
  /** Those that somebody had resolved shortly before it. */
  resolved: readonly AnomalyEvent[];
  /** What held back alerts about them. */
  holds: readonly KeptHold[];
  isMaintained: boolean;
  /** Whether the scan has come so far. */
  isScanned: boolean;
  learntFrom: { keptUntilMs: number } | TimeRange;
  chart: RateChart;
  marks: NonNullable<Chart["marks"]>;
  /** The zone that a time of day was taken to be of, because the reader's own is not known. */
  wasReadAs: string | undefined;
}

/** What `explain` answers. */
export function explainCard(found: Explanation): Card {
  const { ref, minuteMs, explained, events, resolved, holds, chart, marks } = found;
  const name = shownName(ref.service);
  const state = stateOf(found);
  const worst = SEVERITIES.findLast((severity) => events.some((event) => event.severity === severity));
  const odd = explained.filter(({ verdict }) => verdict === "odd");
  const told = [...events, ...resolved];
  const spans = told.map(({ startedAtMs, resolvedAtMs, lastOddAtMs }) => ({
    fromMs: startedAtMs,
    toMs: resolvedAtMs === undefined ? Number.MAX_SAFE_INTEGER : lastOddAtMs,
  }));
  const at = { atMs: minuteMs, label: "asked about", kind: "asked" as const };
  const isOfLines = chart.hasAny("errors") ? isOnlyOfLines([...told, ...odd]) : true;
  return {
    title: `${name}: why there was ${events.length > 0 ? "an alert" : "no alert"}`,
    tone: TONES[state],
    badge: worst ?? state.toUpperCase(),
    body: [
      {
        kind: "text",
        text: ["In the minute of ", { atMs: minuteMs, show: "date and time" }, ": ", ...outcome(found, odd)],
      },
      ...(told.length > 0
        ? [{ kind: "items" as const, items: told.map((event) => eventItem(event, found.own)) }]
        : []),
      ...(holds.length > 0 ? [{ kind: "facts" as const, facts: holds.map(holdFact) }] : []),
      chart.block(isOfLines ? "lines" : "errors", { anomalies: spans, marks: [...marks, at] }),
      { kind: "items", items: explained.map((each) => metricItem(each, minuteMs)) },
    ],
    footnote: footnote(found),
  };
}

function isOnlyOfLines(said: readonly { metric: string }[]): boolean {
  return said.length > 0 && said.every(({ metric }) => metric === "log_volume" || metric === "silence");
}

/** What the answer is in a word. */
type State =
  | "alert"
  | "maintenance"
  | "resolved"
  | "learning"
  | "nothing known"
  | "quiet"
  | "held back"
  | "odd";

const TONES = {
  alert: "warning",
  maintenance: "neutral",
  resolved: "good",
  learning: "neutral",
  "nothing known": "neutral",
  quiet: "good",
  "held back": "good",
  odd: "warning",
} as const satisfies Record<State, Card["tone"]>;

function stateOf({ events, resolved, explained, isMaintained }: Explanation): State {
  if (events.length > 0) return "alert";
  if (isMaintained) return "maintenance";
  if (resolved.length > 0) return "resolved";
  if (explained.some(({ metric, verdict }) => metric === "error_rate" && verdict === "learning"))
    return "learning";
  if (explained.some(({ verdict }) => verdict === "odd")) return "odd";
  if (explained.some(({ verdict }) => verdict === "held back")) return "held back";
  return explained.some(({ verdict }) => verdict === "quiet") ? "quiet" : "nothing known";
}

function outcome(found: Explanation, odd: readonly Explained[]): Inline[] {
  const name = shownName(found.ref.service);
  switch (stateOf(found)) {
    case "alert":
      return [
        { strong: found.events.length === 1 ? "it is part of this event." : "it is part of these events." },
      ];
    case "maintenance":
      return [
        { strong: "no alert, because of maintenance." },
        " Nothing is found and nothing is learnt meanwhile.",
      ];
    case "resolved":
      return [{ strong: "no alert, because somebody had resolved it." }];
    case "learning": {
      const learning = found.explained.find(({ metric }) => metric === "error_rate")?.learning;
      return [
        { strong: `no alert, because ${name} was still being learnt` },
        learning === undefined ? "." : `: ${minutesText(learning.minutes)} of ${minutesText(learning.of)}.`,
        " Until then only errors far beyond all that was seen make one.",
      ];
    }
    case "nothing known":
      return [
        { strong: "no alert, because nothing was known." },
        ` ${name} had not logged anything in the days before.`,
      ];
    case "quiet":
      return [{ strong: "no alert, because all was as usual." }];
    case "held back":
      return [{ strong: "no alert." }, " Something was rare, but not all that an alert needs was so."];
    case "odd": {
      const names = odd.map(({ metric }) => METRIC_NAMES[metric].toLowerCase()).join(" and ");
      return [
        { strong: `no alert is kept, but ${names} would count as odd now.` },
        found.isScanned
          ? " When that minute was scanned, or learnt, something else was known: settings, deploys, or the logs have changed since."
          : " That minute has not been scanned yet.",
      ];
    }
  }
}

/** Which stage held an alert back first when, where, and why. */
function holdFact({ stage, reason, channel, atMs }: KeptHold): Fact {
  const where: Inline[] = channel === undefined ? [] : [" in ", { channel }];
  return { label: `Held back by ${stage}`, value: [{ atMs, show: "time" }, ...where, `: ${reason}`] };
}

function eventItem(event: AnomalyEvent, own: string): Item {
  const { severity, metric, startedAtMs, detectedAtMs, baselineValue, observedValue } = event;
  const told = toldChannels(event, own);
  return {
    heading: [{ strong: `${severity}  ${saidOf(event)}` }],
    detail: [
      "began ",
      { atMs: startedAtMs, show: "date and time" },
      ", found at ",
      { atMs: detectedAtMs, show: "time" },
      ...endText(event),
      metric === "new_error"
        ? ""
        : `at its worst ${amountOf(metric, observedValue)} where ${figureOf(metric, baselineValue)} is expected; `,
      ...(told.length > 0
        ? told
        : [event.isShadow ? "found in shadow mode, so nothing was posted" : "nobody was told"]),
    ],
  };
}

function endText(event: AnomalyEvent): Inline[] {
  const { resolvedAtMs, resolvedBy, detectedAtMs } = event;
  if (resolvedAtMs === undefined) return [", still open; "];
  if (resolvedBy === undefined) return [`, for ${duration(lastedMs(event, detectedAtMs))}; `];
  return [
    `, resolved by ${resolvedBy} at `,
    { atMs: resolvedAtMs, show: "time" },
    ", after which what goes on makes no alert unless it gets worse; ",
  ];
}

function footnote({ learntFrom, wasReadAs }: Explanation): Inline[] {
  const read =
    wasReadAs === undefined ? "" : ` Your time zone is not known here, so the time was read as ${wasReadAs}.`;
  if ("keptUntilMs" in learntFrom)
    return [
      "Worked out from what the scan had learnt until ",
      { atMs: learntFrom.keptUntilMs, show: "time" },
      `.${read}`,
    ];
  return [
    `Worked out again from the logs of the ${duration(learntFrom.toMs - learntFrom.fromMs)} before, by today's settings: the scan may have known more.${read}`,
  ];
}

function minutesText(minutes: number): string {
  return duration(minutes * MINUTE_MS);
}
