import { type Mute, muteService, unmuteService } from "../alerting/mutes.ts";
import { countOf } from "../analysis/words.ts";
import type { Card } from "../chat/card.ts";
import type { OptionDefinition } from "../chat/command.ts";
import { atStart, shownName } from "../chat/shownName.ts";
import { quoted } from "../chat/words.ts";
import { UserError } from "../errors.ts";
import { type KnownName, knownName } from "../logs/knownName.ts";
import type { Redaction } from "../logs/redaction.ts";
import type { LogSource } from "../logs/source.ts";
import { redactionOf } from "../redactionRules/tenantRedaction.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { parseDuration, service, withoutSecret } from "./options.ts";

const duration = {
  name: "duration",
  kind: "duration",
  description: "For how long: 30m, 1h, 1d, at most 7d",
  required: true,
  usual: ["1h", "4h", "1d", "7d"],
  parse: parseDuration,
} as const satisfies OptionDefinition<number>;

const REASON_CHARS = 300;
const reason = {
  name: "reason",
  kind: "text",
  description: "Why, for those who wonder about the silence",
  required: false,
  takesRest: true,
  maxChars: REASON_CHARS,
  parse: (raw: string) => raw,
} as const satisfies OptionDefinition<string>;

export interface MuteParts {
  logs: LogSource;
  now: () => number;
}

export function muteCommand({ logs, now }: MuteParts): Command {
  return defineCommand({
    name: "mute",
    summary: "No alerts about a service for a while, with the reason that others will read",
    examples: ["mute checkout 1h", "mute checkout 4h database migration until noon"],
    role: "responder",
    visibility: "channel",
    options: [service, duration, reason],
    form: { title: "Mute alerts", submitLabel: "Mute", fields: ["service", "duration", "reason"] },
    async run(call) {
      const { scope } = call.workspace();
      const nowMs = now();
      const { duration } = call.options;
      const redaction = await redactionOf(scope);
      // It is kept and listed for everybody.
      const reason = call.options.reason && redaction.sampleOf(call.options.reason, REASON_CHARS);
      const known = await nameOf(logs, scope.lokiOrgId, call.options.service, nowMs, redaction);
      const mute: Mute = {
        service: known.name,
        endsAtMs: nowMs + duration,
        mutedBy: call.person.name,
        ...(reason !== undefined && { reason }),
      };
      await scope.transaction((db) => muteService(scope, db, mute, nowMs));
      return message(mutedCard(mute, [mute.service], known.doubt), "channel");
    },
  });
}

/** Until when, by whom and why, and how all of it is ended. @param doubt what is wrong with the name, where something is */
export function mutedCard(
  { endsAtMs, mutedBy, reason }: Omit<Mute, "service">,
  services: readonly string[],
  doubt?: string,
): Card {
  const [first = ""] = services;
  const ending = { code: `unmute ${quoted(first)}` };
  const isOne = services.length === 1;
  return {
    title: `${titleOf(services)}: muted`,
    tone: doubt === undefined ? "neutral" : "warning",
    badge: "MUTED",
    body: [
      {
        kind: "facts",
        facts: [
          ...(isOne ? [] : [{ label: "Services", value: namesOf(services) }]),
          { label: "Until", value: [{ atMs: endsAtMs, show: "date and time" }] },
          { label: "By", value: mutedBy },
          ...(reason === undefined ? [] : [{ label: "Reason", value: reason }]),
        ],
      },
      ...(doubt === undefined ? [] : [{ kind: "text" as const, text: `Muted as typed, but: ${doubt}` }]),
    ],
    footnote: isOne
      ? ["Listed by ", { code: "status" }, ", ended by ", ending, "."]
      : [
          services.length === 2
            ? "Unmute ends both; one of them is ended by "
            : `Unmute ends all ${services.length}; one of them is ended by `,
          ending,
          ". Listed by ",
          { code: "status" },
          ".",
        ],
  };
}

/** All of them by name. */
export function namesOf(services: readonly string[]): string {
  return services.map(shownName).join(", ");
}

function titleOf(services: readonly string[]): string {
  return services.length === 1 ? namesOf(services) : countOf(services.length, "service", "services");
}

export function unmuteCommand({ logs, now }: MuteParts): Command {
  return defineCommand({
    name: "unmute",
    summary: "Alerts about a service again",
    examples: ["unmute checkout"],
    role: "responder",
    visibility: "channel",
    options: [service],
    async run(call) {
      const { scope } = call.workspace();
      const redaction = await redactionOf(scope);
      const { name } = await nameOf(logs, scope.lokiOrgId, call.options.service, now(), redaction);
      const was = await scope.transaction((db) => unmuteService(scope, db, name, now()));
      if (!was) throw new UserError(`${shownName(name)} is not muted. Type status to see what is.`);
      return message(unmutedCard([name], call.person.name), "channel");
    },
  });
}

export function unmutedCard(services: readonly string[], by: string): Card {
  const what = services.length === 1 ? "the mute" : `the mutes of ${namesOf(services)}`;
  return {
    title: `${titleOf(services)}: not muted any more`,
    tone: "good",
    badge: "ALERTS ON",
    body: [{ kind: "text", text: `${atStart(by)} ended ${what}.` }],
  };
}

/** What is silent can be muted too; its name is kept as typed. */
async function nameOf(
  logs: LogSource,
  org: string,
  typed: string,
  nowMs: number,
  redaction: Redaction,
): Promise<KnownName> {
  const known = await knownName(logs, org, typed, nowMs);
  return known.doubt === undefined ? known : { ...known, name: withoutSecret(known.name, redaction) };
}
