import { USUAL_RULES } from "../../anomalies/episode.ts";
import { SENSITIVITIES, type Sensitivity } from "../../anomalies/sensitivity.ts";
import { listSettings, saveSettings, type WatchSettings } from "../../anomalies/settings.ts";
import type { Card } from "../../chat/card.ts";
import type { OptionDefinition } from "../../chat/command.ts";
import { shownName } from "../../chat/shownName.ts";
import { UserError } from "../../errors.ts";
import { findService } from "../../logs/findService.ts";
import type { LogSource, ServiceRef } from "../../logs/source.ts";
import type { Queryable } from "../../tenancy/scope.ts";
import { audited, type Change } from "../audited.ts";
import { type Call, type Command, defineCommand, message } from "../command.ts";
import { namespace, optionalService } from "../options.ts";

const USUAL = "usual";

export const sensitivity = {
  name: "sensitivity",
  kind: "state",
  description: "How much it takes for an alert: low, normal or high; usual for what holds for all services",
  required: false,
  choices: [...SENSITIVITIES, USUAL],
  parse(raw: string): Sensitivity | typeof USUAL {
    const found = [...SENSITIVITIES, USUAL].find((candidate) => candidate === raw.toLowerCase());
    if (found !== undefined) return found as Sensitivity | typeof USUAL;
    throw new UserError(`"${raw.slice(0, 40)}" is not a sensitivity. Use low, normal, high or usual.`);
  },
} as const satisfies OptionDefinition<Sensitivity | typeof USUAL>;

const lines = {
  name: "lines",
  kind: "text",
  description:
    "Lines more or fewer than usual, at least: 5 unless said; usual for what holds for all services",
  required: false,
  parse: (raw: string) => numberOf(raw, 1_000_000, "lines"),
} as const satisfies OptionDefinition<number | typeof USUAL>;

const minutes = {
  name: "minutes",
  kind: "text",
  description: "Minutes in a row that have to be odd, 1 to 60; usual for what holds for all services",
  required: false,
  parse: (raw: string) => numberOf(raw, 60, "minutes"),
} as const satisfies OptionDefinition<number | typeof USUAL>;

const FIELDS = [sensitivity, lines, minutes] as const;

/** `watch settings`: how a service, or all of them, are watched. What is not said stays as it is. */
export function watchSettingsCommand({ logs, now }: { logs: LogSource; now: () => number }): Command {
  return defineCommand({
    name: "watch settings",
    summary: "How sensitively a service is watched, or all: sensitivity, least lines, minutes in a row",
    examples: [
      "watch settings",
      "watch settings checkout sensitivity:low",
      "watch settings sensitivity:high minutes:2",
    ],
    role: "admin",
    visibility: "channel",
    options: [optionalService, ...FIELDS, namespace],
    form: {
      title: "How services are watched",
      submitLabel: "Save",
      fields: ["service", ...FIELDS.map(({ name }) => name)],
    },
    async run(call) {
      const { scope } = call.workspace();
      const { service, sensitivity, lines, minutes } = call.options;
      const ref = service === undefined ? ALL : await refOf(logs, call, service, now());
      const said = { sensitivity, leastLines: lines, persistenceMinutes: minutes };
      const isSaid = Object.values(said).some((value) => value !== undefined);
      const save = async (db: Queryable) => {
        const all = await listSettings(scope, db, isSaid);
        const before = all.find((each) => each.service === ref.service && each.namespace === ref.namespace);
        const next = merged(ref, before, said, call.person.name);
        if (isSaid) await saveSettings(scope, db, next);
        return { all, next };
      };
      const { all, next } = isSaid
        ? await audited(call, changeOf(ref, said), save)
        : await scope.transaction(save);
      return message(
        settingsCard(
          next,
          all.find((each) => each.service === ""),
          isSaid,
        ),
        "channel",
      );
    },
  });
}

const ALL: ServiceRef = { service: "", namespace: "" };

function refOf(
  logs: LogSource,
  call: Call<{ namespace: string | undefined }>,
  service: string,
  nowMs: number,
): Promise<ServiceRef> {
  const { lokiOrgId } = call.workspace().scope;
  return findService(
    logs,
    lokiOrgId,
    { service, namespace: call.options.namespace },
    { fromMs: nowMs, toMs: nowMs },
  );
}

type Said = {
  [K in "sensitivity" | "leastLines" | "persistenceMinutes"]: WatchSettings[K] | typeof USUAL | undefined;
};

function changeOf({ service, namespace }: ServiceRef, said: Said): Change {
  const told = Object.entries(said).filter(([, value]) => value !== undefined);
  return {
    action: "watch.changed",
    subject: service === "" ? "all services" : service,
    detail: {
      ...(namespace !== "" && { namespace }),
      ...Object.fromEntries(told.map(([name, value]) => [name, String(value)])),
    },
  };
}

/** What was said before, with what is said now; what is to be as usual is left out. */
function merged(
  ref: ServiceRef,
  before: WatchSettings | undefined,
  said: Said,
  setBy: string,
): WatchSettings {
  const kept: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(said)) {
    if (value === USUAL) delete kept[name];
    else if (value !== undefined) kept[name] = value;
  }
  return { ...kept, ...ref, setBy } as WatchSettings;
}

function numberOf(raw: string, most: number, what: string): number | typeof USUAL {
  if (raw.toLowerCase() === USUAL) return USUAL;
  const value = Number(raw);
  if (/^\d{1,7}$/.test(raw) && value >= 1 && value <= most) return value;
  throw new UserError(
    `"${raw.slice(0, 40)}" is no number of ${what}. Give a number from 1 to ${most.toLocaleString("en-US")}, or usual.`,
  );
}

function settingsCard(settings: WatchSettings, all: WatchSettings | undefined, isSaved: boolean): Card {
  const isOfAll = settings.service === "";
  const from = (own: unknown, general: unknown, usual: unknown) => {
    if (own !== undefined) return String(own);
    return !isOfAll && general !== undefined ? `${general} (as for all services)` : `${usual} (as usual)`;
  };
  const { leastLines, persistence } = USUAL_RULES;
  return {
    title: isOfAll ? "How services are watched" : `${shownName(settings.service)}: how it is watched`,
    tone: isSaved ? "good" : "neutral",
    badge: isSaved ? "SAVED" : "SETTINGS",
    body: [
      {
        kind: "facts",
        facts: [
          { label: "Sensitivity", value: from(settings.sensitivity, all?.sensitivity, "normal") },
          { label: "Least lines", value: from(settings.leastLines, all?.leastLines, leastLines) },
          {
            label: "Minutes in a row",
            value: from(settings.persistenceMinutes, all?.persistenceMinutes, persistence),
          },
        ],
      },
    ],
    ...(isSaved && {
      footnote: "From the next minute on. Type backtest with a service to see what it would have posted.",
    }),
  };
}
