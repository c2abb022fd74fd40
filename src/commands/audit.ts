import { countOf } from "../analysis/words.ts";
import { AUDITED, listEntries } from "../audit/entries.ts";
import { entryItem } from "../audit/lines.ts";
import type { OptionDefinition } from "../chat/command.ts";
import { UserError } from "../errors.ts";
import { type Command, defineCommand, message } from "./command.ts";

const DAY_MS = 24 * 60 * 60_000;
/** The audit is kept longer than this. */
const MOST_DAYS = 400;
/** What has no room on the card becomes a file. */
const MOST = 1_000;
const ABOUT = [...new Set(Object.keys(AUDITED).map((action) => action.split(".")[0] as string))];

const about = {
  name: "about",
  kind: "state",
  description: "Only what is about this",
  required: false,
  choices: ABOUT,
  parse(raw: string): string {
    const found = ABOUT.find((one) => one === raw.toLowerCase());
    if (found !== undefined) return found;
    throw new UserError(
      `"${raw.slice(0, 40)}" is nothing the audit tells of. Use one of ${ABOUT.join(", ")}.`,
    );
  },
} as const satisfies OptionDefinition<string>;

const since = {
  name: "since",
  kind: "duration",
  description: "How far back: 1d, 30d, at most 400d (30d unless said)",
  required: false,
  usual: ["1d", "7d", "30d", "90d", "400d"],
  parse(raw: string): number {
    const days = Number(/^(\d{1,3})d$/i.exec(raw)?.[1]);
    if (days >= 1 && days <= MOST_DAYS) return days * DAY_MS;
    throw new UserError(`"${raw.slice(0, 40)}" is not how far back the audit goes. Try 1d, 30d or 400d.`);
  },
} as const satisfies OptionDefinition<number>;

/** `audit`: who did what, and from where. */
export function auditCommand({ now }: { now: () => number }): Command {
  return defineCommand({
    name: "audit",
    summary: "Who changed what, and who was refused: keys, roles, channels, connections",
    examples: ["audit", "audit about:key since:90d"],
    role: "admin",
    visibility: "caller",
    options: [about, since],
    async run(call) {
      const { about, since = 30 * DAY_MS } = call.options;
      const { id: own, scope } = call.workspace();
      const filter = { sinceMs: now() - since, ...(about !== undefined && { about }) };
      const entries = await listEntries(scope, filter, MOST);
      const days = countOf(Math.round(since / DAY_MS), "day", "days");
      const of = about === undefined ? "" : ` about ${about}`;
      if (entries.length === 0)
        return message(
          {
            title: `Nothing was changed${of}`,
            tone: "neutral",
            body: [{ kind: "text", text: `Nobody did anything in ${days} that the audit tells of.` }],
          },
          "caller",
        );
      return message(
        {
          title: `Audit${of}: ${entries.length} ${entries.length === 1 ? "entry" : "entries"} of ${days}`,
          tone: "neutral",
          body: [{ kind: "items", items: entries.map((entry) => entryItem(entry, own)) }],
          ...(entries.length === MOST && {
            footnote: `The newest ${MOST}. The API has all of them: GET /v1/audit`,
          }),
        },
        "caller",
      );
    },
  });
}
