import type { OptionDefinition } from "../../chat/command.ts";
import { UserError } from "../../errors.ts";
import { retentionMs, setRetention } from "../../tenancy/perishable.ts";
import { audited } from "../audited.ts";
import { type Command, defineCommand, message } from "../command.ts";

const DAY_MS = 24 * 60 * 60_000;
/** As the database has it: tenants.retention_days. */
const MOST_DAYS = 3_650;

const days = {
  name: "days",
  kind: "text",
  description: "For how many days, 1 to 3650; left out: only shown",
  required: false,
  usual: ["30", "90", "365"],
  parse(raw: string): number {
    const found = Number(/^(\d{1,4})\s*(?:d|days?)?$/i.exec(raw.trim())?.[1]);
    if (found >= 1 && found <= MOST_DAYS) return found;
    throw new UserError(`"${raw.slice(0, 40)}" is no number of days. Use 1 to ${MOST_DAYS}, such as 90.`);
  },
} as const satisfies OptionDefinition<number>;

/** `tenant retention`: how long anomalies, and what belongs to them, are kept. */
export function retentionCommand(): Command {
  return defineCommand({
    name: "tenant retention",
    summary: "How long what was found is kept: anomalies, their messages and their analyses",
    examples: ["tenant retention", "tenant retention 30"],
    role: "admin",
    visibility: "channel",
    options: [days],
    async run(call) {
      const { scope } = call.workspace();
      const wanted = call.options.days;
      if (wanted !== undefined)
        await audited(
          call,
          { action: "tenant.changed", subject: "retention", detail: { days: `${wanted}` } },
          (db) => setRetention(scope, db, wanted),
        );
      const kept = wanted ?? (await retentionMs(scope)) / DAY_MS;
      return message(
        {
          title: `Organisation ${scope.lokiOrgId}`,
          tone: wanted === undefined ? "neutral" : "good",
          badge: wanted === undefined ? "RETENTION" : "SAVED",
          body: [
            { kind: "facts", facts: [{ label: "Kept for", value: `${kept} days` }] },
            {
              kind: "text",
              text: "What is older is deleted for good within the hour, but for anomalies that are still open. What the watch itself needs stays a month.",
            },
          ],
        },
        "channel",
      );
    },
  });
}
