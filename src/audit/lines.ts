import type { Inline, Item } from "../chat/card.ts";
import { AUDITED, type Entry } from "./entries.ts";

/**
 * An entry for people to read: who, what, to what, when, from where.
 * @param own the workspace that reads it: only its own channels have names there
 */
export function entryItem(entry: Entry, own: string): Item {
  const { atMs, action, subject, detail, address, channel, workspaceId } = entry;
  const isOwn = workspaceId === own;
  const channelOf = (id: string): Inline => (isOwn ? { channel: id } : { code: id });
  const isChannel = action === "channel.changed" || action === "policy.changed";
  const more = Object.entries(detail).filter(([name]) => !IDS.has(name));
  const from = address ?? (channel === undefined || channel === "" ? undefined : channelOf(channel));
  return {
    heading: [
      { strong: whoOf(entry) },
      ` ${AUDITED[action]}: `,
      ...(subject === "" ? ["-"] : isChannel ? [channelOf(subject)] : [subject]),
      more.length === 0 ? "" : ` (${more.map(([name, value]) => `${name}=${value}`).join(", ")})`,
    ],
    detail: [{ atMs, show: "date and time" }, ...(from === undefined ? [] : [" from ", from])],
  };
}

/** Platforms' ids of people who are named already: whom a role was given, and whom a channel mentions. */
const IDS: ReadonlySet<string> = new Set(["person", "mentioned"]);

function whoOf({ actor, actorName }: Entry): string {
  switch (actor) {
    case "person":
      return actorName;
    case "key":
      return `API key ${actorName}`;
    case "operator":
      return "the operator";
    case "loghunter":
      return "LogHunter";
  }
}
