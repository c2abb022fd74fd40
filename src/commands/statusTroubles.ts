import type { DeadLetters } from "../alerting/deadLetters.ts";
import { type ChannelTrouble, mendingOf } from "../alerting/troubles.ts";
import type { Inline, Item, Text } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";

/** Channels named with what was refused in them. */
const DEAD_LETTERS = 3;

/** @param own the workspace that reads it: only its own channels have names there */
export function troubleText(
  { workspaceId, channel, reason, why, sinceMs }: ChannelTrouble,
  own: string,
): Text {
  return [
    "Channel ",
    workspaceId === own ? { channel } : { code: channel },
    ` takes no messages (${reason}: ${why}) since `,
    { atMs: sinceMs, show: "date and time" },
    `. ${mendingOf(reason)}`,
  ];
}

/** How many messages nobody got, and of the latest where and why; not again what is said of a channel that takes none. */
export function deadLetterItem(
  refused: readonly DeadLetters[],
  troubles: readonly ChannelTrouble[],
  own: string,
): Item[] {
  if (refused.length === 0) return [];
  const count = refused.reduce((sum, each) => sum + each.count, 0);
  const heading = `${count} ${count === 1 ? "message was" : "messages were"} refused in the last day`;
  const others = refused.filter(
    ({ workspaceId, channel, why }) =>
      !troubles.some(
        (trouble) =>
          trouble.workspaceId === workspaceId &&
          trouble.channel === channel &&
          why.startsWith(`${trouble.reason}:`),
      ),
  );
  if (others.length === 0) return [{ heading: `${heading}, as is said above.` }];
  const detail = others
    .slice(0, DEAD_LETTERS)
    .flatMap((each, at): Inline[] => [
      `${at === 0 ? "" : "; "}${each.service === undefined ? "" : `${shownName(each.service)} `}in `,
      each.workspaceId === own ? { channel: each.channel } : { code: each.channel },
      `${each.count === 1 ? "" : ` (${each.count})`}, `,
      { atMs: each.lastAtMs, show: "time" },
      `: ${each.why}`,
    ]);
  return [{ heading: `${heading}.`, detail }];
}
