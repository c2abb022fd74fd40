import type { Severity } from "../anomalies/metric.ts";
import { type Card, MAX_MENTION_CHARS, MAX_MENTIONS } from "../chat/card.ts";
import { UserError } from "../errors.ts";
import type { Policy } from "./policy.ts";

/** A card as a channel gets it: of what is CRITICAL with those whom its policy mentions. */
export function withMentions(card: Card, { mention }: Policy, severity: Severity): Card {
  return mention === undefined || severity !== "CRITICAL" ? card : { ...card, mentions: mention };
}

/** The same for whoever was told already. */
export function withoutMentions(card: Card): Card {
  const { mentions: _, ...rest } = card;
  return rest;
}

/** Mentions or ids with commas or spaces between. @throws UserError */
export function readMentions(raw: string): string[] {
  const ids = raw.split(/[,\s]+/).flatMap((part) => (part === "" ? [] : readMention(part)));
  if (ids.length === 0 || ids.length > MAX_MENTIONS)
    throw new UserError(`Mention 1 to ${MAX_MENTIONS} people or groups, with commas between, or say off.`);
  return [...new Set(ids)];
}

/**
 * `<@U1>`, `<@!1>`, `<@&2>`, `<!subteam^S3|@on-call>` as platforms write a mention, or an id. A group's keeps the & that
 * tells it from a person's; never everybody.
 */
function readMention(part: string): string {
  const [, person, role, group] =
    /^<(?:@!?([A-Za-z0-9_-]+)|@&([A-Za-z0-9]+)|!subteam\^([A-Za-z0-9]+))(?:\|[^>]*)?>$/.exec(part) ?? [];
  const id = person ?? (role !== undefined || group !== undefined ? `&${role ?? group}` : part);
  if (/^&?[A-Za-z0-9_-]+$/.test(id) && !EVERYBODY.test(id) && id.length <= MAX_MENTION_CHARS) return id;
  throw unmentionable(part);
}

/** Whether it is a group's id, not a person's. */
export function isGroup(id: string): boolean {
  return id.startsWith("&");
}

const EVERYBODY = /^&?(?:everyone|everybody|all|here|channel)$/i;

/** That nobody can be mentioned so. */
export function unmentionable(typed: string): UserError {
  return new UserError(
    `"${typed.slice(0, 40)}" can't be mentioned. Give people or groups by their mention or id; everybody at once is never mentioned.`,
  );
}
