import { linesLink } from "../analysis/card.ts";
import { countOf, duration, windowText } from "../analysis/words.ts";
import type { Block, Card } from "../chat/card.ts";
import type { Reply } from "../chat/platform.ts";
import { numberedRedactionOf } from "../redactionRules/tenantRedaction.ts";
import type { Call } from "./command.ts";
import type { Follower, Seen } from "./follow.ts";
import { type Asked, meaningOfAsked, type SearchParts, shownLines } from "./searchLines.ts";

function movedCard(org: string): Card {
  return {
    title: "Not followed any further",
    tone: "neutral",
    badge: "ENDED",
    body: [{ kind: "text", text: `This workspace does not see the logs of ${org} any more.` }],
  };
}

function newest(shown: number, count: number): string {
  return shown < count ? `, the newest ${shown} of them` : "";
}

function unread(sinceMs: number): Block {
  return {
    kind: "text",
    text: [
      "The log source did not answer at last: what came since ",
      { atMs: sinceMs, show: "date and time" },
      " is not here. Search again to see it.",
    ],
  };
}

/** Answers with a message that shows lines as they come. */
export async function followSearch(
  parts: SearchParts & { follower: Follower },
  call: Call,
  asked: Asked,
  forMs: number,
): Promise<Reply> {
  const { logs, now, follower } = parts;
  const workspace = call.workspace();
  const org = workspace.scope.lokiOrgId;
  const fromMs = now();
  const untilMs = fromMs + forMs;
  const { conditions, words } = await meaningOfAsked(logs, org, asked, { fromMs, toMs: fromMs });

  const redaction = await numberedRedactionOf(workspace.scope);

  const card = async ({ lines, count, unreadSinceMs }: Seen, ended: boolean): Promise<Card> => {
    const window = { fromMs, toMs: ended ? (unreadSinceMs ?? Math.min(now(), untilMs)) : untilMs };
    const url = await logs.linkTo(org, { ...window, ...conditions, order: "newest first", limit: 1_000 });
    return {
      title: ended
        ? `${countOf(count, "new line", "new lines")} ${words.where}`
        : `Following new lines ${words.where}`,
      tone: ended ? "neutral" : "working",
      badge: ended ? "ENDED" : "FOLLOWING",
      body: [
        lines.length === 0
          ? {
              kind: "text",
              text: [...words.none, ended ? ", from " : " so far, from ", ...windowText(window), "."],
            }
          : {
              kind: "log",
              caption: [...words.caption, " from ", ...windowText(window), newest(lines.length, count)],
              lines: shownLines(lines, window, redaction),
              transient: true,
              newestLast: true,
            },
        ...(ended && unreadSinceMs !== undefined ? [unread(unreadSinceMs)] : []),
        ...linesLink(ended ? url : undefined),
      ],
      ...(!ended && { footnote: `This message changes as lines come, for ${duration(forMs)}.` }),
    };
  };
  const place = follower.reserve({
    workspace,
    query: conditions,
    fromMs,
    untilMs,
    card,
    movedCard: movedCard(org),
  });
  return {
    kind: "message",
    visibility: "channel",
    card: await card({ lines: [], count: 0 }, false),
    shown: async (message) => place.begin(message),
  };
}
