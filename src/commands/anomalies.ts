import { duration } from "../analysis/words.ts";
import { type AnomalyEvent, listAnomalies } from "../anomalies/store.ts";
import type { Card, Item } from "../chat/card.ts";
import type { OptionDefinition } from "../chat/command.ts";
import { UserError } from "../errors.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { optionalService } from "./options.ts";

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

export function anomaliesCommand({ now }: { now: () => number }): Command {
  return defineCommand({
    name: "anomalies",
    summary: "Open and recent anomalies, and who was told about them",
    examples: ["anomalies", "anomalies checkout state:open"],
    role: "viewer",
    visibility: "channel",
    options: [optionalService, state],
    async run(call) {
      const { service, state } = call.options;
      const filter = {
        ...(service !== undefined && { service }),
        ...(state !== undefined && state !== "all" && { state }),
      };
      const events = await listAnomalies(call.workspace().scope, filter, SHOWN);
      return message(anomaliesCard(events, service, now()), "channel");
    },
  });
}

function anomaliesCard(events: readonly AnomalyEvent[], service: string | undefined, nowMs: number): Card {
  const of = service === undefined ? "" : ` of ${service}`;
  const open = events.filter((event) => event.resolvedAtMs === undefined).length;
  if (events.length === 0) {
    return {
      title: `No anomalies${of}`,
      tone: "neutral",
      body: [
        {
          kind: "text",
          text: [
            "None is recorded. This version does not watch by itself yet: ask with ",
            { code: "analyze <service>" },
            " when something looks wrong.",
          ],
        },
      ],
    };
  }
  return {
    title: `Anomalies${of}: ${open} open, ${events.length - open} resolved`,
    tone: open > 0 ? "warning" : "good",
    badge: open > 0 ? `${open} OPEN` : "NONE OPEN",
    body: [{ kind: "items", items: events.map((event) => anomalyItem(event, nowMs)) }],
    ...(events.length === SHOWN && {
      footnote: `The newest ${SHOWN}. Narrow it with a service or state:open.`,
    }),
  };
}

function anomalyItem(event: AnomalyEvent, nowMs: number): Item {
  const factor =
    event.baselineValue > 0 ? ` (${(event.observedValue / event.baselineValue).toFixed(1)}×)` : "";
  const lasted = (event.resolvedAtMs ?? nowMs) - event.detectedAtMs;
  const told = event.deliveries.map((delivery) => `${delivery.channel}: ${delivery.state}`).join(", ");
  return {
    heading: [{ strong: `${event.severity}  ${event.service}` }, `  ${event.metric.replaceAll("_", " ")}`],
    detail: [
      event.resolvedAtMs === undefined ? "open since " : "from ",
      { atMs: event.detectedAtMs, show: "date and time" },
      `, ${event.resolvedAtMs === undefined ? `${duration(lasted)} so far` : `for ${duration(lasted)}`}; `,
      `${formatValue(event.observedValue)} where ${formatValue(event.baselineValue)} is usual${factor}; `,
      told === "" ? "nobody was told" : `told ${told}`,
    ],
  };
}

function formatValue(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString("en-US") : value.toFixed(1);
}
