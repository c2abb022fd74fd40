import { analyseBuiltin } from "../analysis/builtin.ts";
import { linesLink } from "../analysis/card.ts";
import type { Conversation } from "../analysis/conversations.ts";
import { type AroundOnset, linesAtOnset } from "../analysis/linesBehind.ts";
import { moment, windowText } from "../analysis/words.ts";
import type { Card, Inline } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import { shownLines } from "../commands/searchLines.ts";
import { ERROR_LEVELS, type LineQuery, type LogLine, type LogSource } from "../logs/source.ts";
import { redactionOf } from "../redactionRules/tenantRedaction.ts";
import { type ActionHandler, conversationOf } from "./action.ts";

const MAX_LINES = 100;

/**
 * "Show lines" under a root cause: the warnings and errors of the service to blame, from just before it began. Where none is to blame,
 * the newest of the service that was asked about.
 */
export function linesAction({ logs }: { logs: LogSource }): ActionHandler {
  return {
    name: "lines",
    opens: "answer",
    role: "viewer",
    async run(press) {
      const { scope } = press.workspace();
      const conversation = await conversationOf(press);
      const read = (query: LineQuery) => all(logs.lines(scope.lokiOrgId, query));
      const onset = onsetOf(conversation);
      const found = onset === undefined ? await newest(conversation, read) : await around(onset, read);
      // Without numbers: under a root cause they would be taken for those of its evidence.
      const redaction = await redactionOf(scope);
      const lines = shownLines(found.lines, found.query, redaction);
      const link = linesLink(await logs.linkTo(scope.lokiOrgId, found.query));
      const card = linesCard(found, lines);
      return { kind: "message", visibility: "channel", card: { ...card, body: [...card.body, ...link] } };
    },
  };
}

function onsetOf({ pack, answer }: Conversation): AroundOnset | undefined {
  return pack && linesAtOnset(pack, answer ?? analyseBuiltin(pack), MAX_LINES);
}

interface Found {
  service: string;
  query: LineQuery;
  lines: readonly LogLine[];
  caption: readonly Inline[];
  /** The last one is what matters most. */
  newestLast: boolean;
}

type Read = (query: LineQuery) => Promise<LogLine[]>;

async function around({ service, onsetMs, before, since }: AroundOnset, read: Read): Promise<Found> {
  const [earlier, later] = await Promise.all([read(before), read(since)]);
  const query = { ...since, fromMs: before.fromMs };
  const more = later.length === since.limit ? `, the first ${later.length} lines since` : "";
  const caption: Inline[] = ["From just before it began at ", moment(onsetMs, query), more];
  return { service, query, lines: [...earlier.reverse(), ...later], caption, newestLast: false };
}

async function newest({ service, namespace, window }: Conversation, read: Read): Promise<Found> {
  const query: LineQuery = {
    ...window,
    services: [service],
    namespace,
    levels: ERROR_LEVELS,
    order: "newest first",
    limit: MAX_LINES,
  };
  const lines = (await read(query)).reverse();
  const more = lines.length === MAX_LINES ? `, the newest ${MAX_LINES} of possibly more` : "";
  return { service, query, lines, caption: ["From ", ...windowText(window), more], newestLast: true };
}

async function all(lines: AsyncIterable<LogLine>): Promise<LogLine[]> {
  const found: LogLine[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

function linesCard({ service, query, caption, newestLast }: Found, lines: string[]): Card {
  if (lines.length === 0) {
    return {
      title: `${shownName(service)}: no lines`,
      tone: "neutral",
      body: [{ kind: "text", text: ["It logged no warning or error from ", ...windowText(query), "."] }],
    };
  }
  return {
    title: `${shownName(service)}: warnings and errors`,
    tone: "neutral",
    body: [{ kind: "log", caption, lines, transient: true, ...(newestLast && { newestLast }) }],
  };
}
