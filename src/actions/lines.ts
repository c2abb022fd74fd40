import { linesLink } from "../analysis/card.ts";
import { windowText } from "../analysis/words.ts";
import type { Card } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import { shownLines } from "../commands/searchLines.ts";
import type { Redaction } from "../logs/redaction.ts";
import { ERROR_LEVELS, type LogLine, type LogSource, type TimeRange } from "../logs/source.ts";
import { redactionOf } from "../redactionRules/tenantRedaction.ts";
import { type ActionHandler, conversationOf } from "./action.ts";

const MAX_LINES = 100;

/** "Show lines" under a root cause: the newest warnings and errors of the service in that window. */
export function linesAction({ logs }: { logs: LogSource }): ActionHandler {
  return {
    name: "lines",
    opens: "answer",
    role: "viewer",
    async run(press) {
      const { scope } = press.workspace();
      const { service, namespace, window } = await conversationOf(press);
      const lines: LogLine[] = [];
      const query = {
        ...window,
        services: [service],
        namespace,
        levels: ERROR_LEVELS,
        order: "newest first",
        limit: MAX_LINES,
      } as const;
      for await (const line of logs.lines(scope.lokiOrgId, query)) lines.push(line);
      // Without numbers: under a root cause they would be taken for those of its evidence.
      const card = linesCard(service, window, lines.reverse(), await redactionOf(scope));
      const link = linesLink(await logs.linkTo(scope.lokiOrgId, query));
      return { kind: "message", visibility: "channel", card: { ...card, body: [...card.body, ...link] } };
    },
  };
}

function linesCard(
  service: string,
  window: TimeRange,
  lines: readonly LogLine[],
  redaction: Redaction,
): Card {
  if (lines.length === 0) {
    return {
      title: `${shownName(service)}: no lines`,
      tone: "neutral",
      body: [{ kind: "text", text: ["It logged no warning or error from ", ...windowText(window), "."] }],
    };
  }
  const more = lines.length === MAX_LINES ? `, the newest ${MAX_LINES} of possibly more` : "";
  return {
    title: `${shownName(service)}: warnings and errors`,
    tone: "neutral",
    body: [
      {
        kind: "log",
        caption: ["From ", ...windowText(window), more],
        lines: shownLines(lines, window, redaction),
        transient: true,
        newestLast: true,
      },
    ],
  };
}
