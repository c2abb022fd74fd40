import { linesLink } from "../analysis/card.ts";
import { countOf, needsDate, windowText } from "../analysis/words.ts";
import type { Card, Inline, Text } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import { type Filter, meaningOf, placeOf, queryOf } from "../filters/filter.ts";
import type { SavedFilter } from "../filters/store.ts";
import { findService } from "../logs/findService.ts";
import type { LogQuery } from "../logs/logql/query.ts";
import { levelWord, readable } from "../logs/readable.ts";
import type { Redaction } from "../logs/redaction.ts";
import type { LineQuery, LogLine, LogSource, TimeRange } from "../logs/source.ts";
import type { Tailed } from "../logs/tail.ts";
import { numberedRedactionOf } from "../redactionRules/tenantRedaction.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { DEFAULT_SINCE_MS, MAX_SINCE_MS } from "./options.ts";

const MAX_LINES = 200;
/** Of a line, in the file that holds what a card has no room for. */
const LINE_CHARS = 2_000;
/** Of what was asked for, in the words about it. */
const ASKED_CHARS = 200;

export interface SearchParts {
  logs: LogSource;
  now: () => number;
}

/** What lines are looked for. */
export type Asked =
  /** `saved` is the saved filter that is part of it. */
  { filter: Filter; saved?: SavedFilter } | { logql: LogQuery };

/** The newest lines that meet all conditions, newest last, redacted. */
export async function searchLines(
  { logs, now }: SearchParts,
  scope: TenantScope,
  asked: Asked,
  sinceMs = DEFAULT_SINCE_MS,
): Promise<Card> {
  const org = scope.lokiOrgId;
  const toMs = now();
  const window = { fromMs: toMs - sinceMs, toMs };
  const { conditions, words } = await meaningOfAsked(logs, org, asked, window);
  const notes: string[] = [];
  const query: LineQuery = {
    ...window,
    ...conditions,
    order: "newest first",
    limit: MAX_LINES,
    onNote: (note) => notes.push(note),
  };
  const found: LogLine[] = [];
  for await (const line of logs.lines(org, query)) found.push(line);
  const card = linesCard(words, window, found.reverse(), await numberedRedactionOf(scope));
  return {
    ...card,
    body: [
      ...card.body,
      ...notes.map((note) => ({ kind: "text" as const, text: note })),
      ...linesLink(await logs.linkTo(org, query)),
    ],
    ...("saved" in asked && { footnote: savedNote(asked.saved) }),
  };
}

/** What is asked of the source, and how a card says it. */
export async function meaningOfAsked(
  logs: LogSource,
  org: string,
  asked: Asked,
  window: TimeRange,
): Promise<{ conditions: Tailed; words: Words }> {
  return "logql" in asked
    ? { conditions: { logql: asked.logql }, words: wordsOfQuery(asked.logql) }
    : conditionsOf(logs, org, asked.filter, window);
}

async function conditionsOf(logs: LogSource, org: string, filter: Filter, window: TimeRange) {
  const { service, namespace } = filter;
  if (service === undefined) return { conditions: queryOf(filter), words: wordsOf(filter) };
  const ref = await findService(logs, org, { service, namespace }, window);
  return {
    conditions: queryOf({ ...filter, ...ref }),
    words: wordsOf({ ...filter, service: ref.service }),
  };
}

function savedNote({ name, filter }: SavedFilter): Text {
  return ["With the saved filter ", { code: name }, `: ${clip(meaningOf(filter))}.`];
}

/** What was asked for, as its card says it. */
export interface Words {
  /** `in checkout`. */
  where: string;
  /** `Lines with "text"`. */
  caption: readonly Inline[];
  /** `No line of checkout holds "text"`. */
  none: readonly Inline[];
  /** `for a part of the text`. */
  wider: string;
}

function wordsOf(filter: Filter): Words {
  const place = placeOf(filter);
  const where = `in ${place}`;
  const level = filter.levels === undefined ? "" : `${filter.levels.join(" or ")} `;
  const keywords = (filter.keywords ?? []).flatMap((word, nth): Inline[] => [
    nth === 0 ? "" : " and ",
    { code: clip(word) },
  ]);
  const lines = level === "" ? "Lines" : `${level}lines`;
  if (keywords.length === 0) {
    const none = `There is no ${level}line of ${place}`;
    return { where, caption: [lines], none: [none], wider: "without some of the conditions" };
  }
  return {
    where,
    caption: [`${lines} with `, ...keywords],
    none: [`No ${level}line of ${place} holds `, ...keywords],
    wider: "for a part of the text",
  };
}

function wordsOfQuery({ text }: LogQuery): Words {
  const query = { code: clip(text) };
  return {
    where: "for your log query",
    caption: ["Lines that fit ", query],
    none: ["No line fits ", query],
    wider: "with fewer conditions",
  };
}

function linesCard(words: Words, window: TimeRange, lines: readonly LogLine[], redaction: Redaction): Card {
  if (lines.length === 0) {
    return {
      title: "Nothing found",
      tone: "neutral",
      body: [
        { kind: "text", text: [...words.none, " from ", ...windowText(window), "."] },
        { kind: "text", text: `${furtherBack(window)} ${words.wider}.` },
      ],
    };
  }
  const more = lines.length === MAX_LINES ? `, the newest ${MAX_LINES} of possibly more` : "";
  const caption: Text = [...words.caption, " from ", ...windowText(window), more];
  return {
    title: `${countOf(lines.length, "line", "lines")} ${words.where}`,
    tone: "neutral",
    body: [
      {
        kind: "log",
        caption,
        lines: shownLines(lines, window, redaction),
        transient: true,
        newestLast: true,
      },
    ],
  };
}

const DAY_MS = 24 * 60 * 60_000;

function furtherBack({ fromMs, toMs }: TimeRange): string {
  if (toMs - fromMs < DAY_MS) return "Look further back with since:1d, or";
  return toMs - fromMs < MAX_SINCE_MS ? "Look further back with since:7d, or" : "Look";
}

/**
 * `12:03:04.123Z checkout  message`, each on one line: the times in the lines themselves come in every form
 * and zone. Where the range needs it the date stands first.
 */
export function shownLines(lines: readonly LogLine[], range: TimeRange, redaction: Redaction): string[] {
  const from = needsDate(range) ? 0 : 11;
  return lines.map((line) => shownLine(line, from, redaction));
}

function shownLine(line: LogLine, from: number, redaction: Redaction): string {
  const at = new Date(Number(line.atNs / 1_000_000n)).toISOString().slice(from);
  return `${at} ${shownName(line.service)}  ${redaction.sampleOf(said(line, redaction), LINE_CHARS).replaceAll("\n", " ⏎ ")}`;
}

/** JSON begins alike in all lines of a program, and what it says stands at its end. */
function said({ text }: LogLine, redaction: Redaction): string {
  if (!text.startsWith("{")) return text;
  const safe = redaction.redact(text);
  const told = readable(safe);
  const level = told === safe ? undefined : levelWord(text);
  return level === undefined ? told : `${level} ${told}`;
}

function clip(text: string): string {
  return text.length > ASKED_CHARS ? `${Array.from(text).slice(0, ASKED_CHARS).join("")}…` : text;
}
