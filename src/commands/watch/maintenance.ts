import { beginMaintenance, endMaintenance } from "../../anomalies/maintenance.ts";
import type { OptionDefinition } from "../../chat/command.ts";
import { atStart, shownName } from "../../chat/shownName.ts";
import { quoted } from "../../chat/words.ts";
import { UserError } from "../../errors.ts";
import { type KnownName, knownName } from "../../logs/knownName.ts";
import type { LogSource } from "../../logs/source.ts";
import { redactionOf } from "../../redactionRules/tenantRedaction.ts";
import { audited } from "../audited.ts";
import { type Command, defineCommand, message } from "../command.ts";
import { parseDuration } from "../options.ts";

const ALL = "all";
const OFF = "off";
const REASON_CHARS = 300;

const service = {
  name: "service",
  kind: "service",
  description: "The service that is worked on, or all",
  required: true,
  parse: (raw: string) => raw,
} as const satisfies OptionDefinition<string>;

const duration = {
  name: "duration",
  kind: "duration",
  description: "For how long: 30m, 2h, at most 7d; off to end it",
  required: true,
  usual: ["30m", "1h", "4h", OFF],
  parse: (raw: string) => (raw.toLowerCase() === OFF ? OFF : parseDuration(raw)),
} as const satisfies OptionDefinition<number | typeof OFF>;

const reason = {
  name: "reason",
  kind: "text",
  description: "What is done, for those who wonder",
  required: false,
  takesRest: true,
  maxChars: REASON_CHARS,
  parse: (raw: string) => raw,
} as const satisfies OptionDefinition<string>;

export interface MaintenanceParts {
  logs: LogSource;
  now: () => number;
}

/** `watch maintenance`: a service is worked on, so nothing about it is detected or learnt for a while. */
export function maintenanceCommand({ logs, now }: MaintenanceParts): Command {
  return defineCommand({
    name: "watch maintenance",
    summary: "A service is worked on: for a while nothing about it is detected, nor learnt as usual",
    examples: [
      "watch maintenance checkout 2h database migration",
      "watch maintenance all 30m",
      "watch maintenance checkout off",
    ],
    role: "responder",
    visibility: "channel",
    options: [service, duration, reason],
    form: { title: "Maintenance", submitLabel: "Begin", fields: ["service", "duration", "reason"] },
    async run(call) {
      const { scope } = call.workspace();
      const nowMs = now();
      const { service: typed, duration } = call.options;
      const isAll = typed.toLowerCase() === ALL;
      // In whichever namespace; and what is worked on may log nothing, and be ended all the same.
      const known: KnownName = isAll ? { name: "" } : await knownName(logs, scope.lokiOrgId, typed, nowMs);
      const { name, doubt } = known;
      if (doubt !== undefined && duration !== OFF) throw new UserError(doubt);
      const shown = isAll ? "all services" : shownName(name);
      if (duration === OFF) {
        const end = { action: "watch.changed", subject: shown, detail: { maintenance: "ended" } } as const;
        if (await audited(call, end, (db) => endMaintenance(scope, db, name, nowMs)))
          return message(
            {
              title: `${shown}: maintenance is over`,
              tone: "good",
              badge: "WATCHED",
              body: [
                {
                  kind: "text",
                  text: `${atStart(call.person.name)} ended it. What is logged from now on counts again.`,
                },
              ],
            },
            "channel",
          );
        throw new UserError(`There is no maintenance of ${shown}.${doubt === undefined ? "" : ` ${doubt}`}`);
      }
      // It is kept and listed for everybody.
      const reason =
        call.options.reason && (await redactionOf(scope)).sampleOf(call.options.reason, REASON_CHARS);
      const toMs = nowMs + duration;
      const begun = {
        action: "watch.changed",
        subject: shown,
        detail: { maintenance: `until ${new Date(toMs).toISOString()}` },
      } as const;
      await audited(call, begun, (db) =>
        beginMaintenance(scope, db, {
          ...{ service: name, fromMs: nowMs, toMs, setBy: call.person.name },
          ...(reason !== undefined && { reason }),
        }),
      );
      return message(
        {
          title: `${shown}: maintenance`,
          tone: "neutral",
          badge: "NOT WATCHED",
          body: [
            {
              kind: "facts",
              facts: [
                { label: "Until", value: [{ atMs: toMs, show: "date and time" }] },
                { label: "By", value: call.person.name },
                ...(reason === undefined ? [] : [{ label: "Reason", value: reason }]),
              ],
            },
          ],
          footnote: ["Ended by ", { code: `watch maintenance ${isAll ? ALL : quoted(name)} off` }, "."],
        },
        "channel",
      );
    },
  });
}
