import { windowText } from "../analysis/card.ts";
import { countOf, needsDate } from "../analysis/words.ts";
import type { Card, Inline, Text } from "../chat/card.ts";
import { type Filter, meaningOf, placeOf, queryOf } from "../filters/filter.ts";
import type { SavedFilter } from "../filters/store.ts";
import { sampleOf } from "../logs/redaction.ts";
import type { LineQuery, LogLine, LogSource, TimeRange } from "../logs/source.ts";
import { findService } from "./findService.ts";
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
export interface Asked {
  filter: Filter;
  /** The saved filter that is part of it. */
  saved?: SavedFilter | undefined;
}

/** The newest lines that meet all conditions, newest last, redacted. */
export async function searchLines(
  { logs, now }: SearchParts,
  org: string,
  asked: Asked,
  sinceMs = DEFAULT_SINCE_MS,
): Promise<Card> {
  const toMs = now();
  const window = { fromMs: toMs - sinceMs, toMs };
  const { service, namespace } = asked.filter;
  const ref =
    service === undefined ? undefined : await findService(logs, org, { service, namespace }, window);
  const found: LogLine[] = [];
  const query: LineQuery = {
    ...window,
    ...queryOf({ ...asked.filter, ...ref }),
    order: "newest first",
    limit: MAX_LINES,
  };
  for await (const line of logs.lines(org, query)) found.push(line);
  const words = wordsOf({ ...asked.filter, ...(ref && { service: ref.service }) });
  return {
    ...linesCard(words, window, found.reverse()),
    ...(asked.saved && {
      footnote: [
        "With the saved filter ",
        { code: asked.saved.name },
        `: ${clip(meaningOf(asked.saved.filter))}.`,
      ],
    }),
  };
}

/** What was asked for, as its card says it. */
interface Words {
  where: string;
  /** `Lines with "text"`. */
  caption: readonly Inline[];
  /** `No line of checkout holds "text"`. */
  none: readonly Inline[];
  /** `for a part of the text`. */
  wider: string;
}

function wordsOf(filter: Filter): Words {
  const where = placeOf(filter);
  const level = filter.levels === undefined ? "" : `${filter.levels.join(" or ")} `;
  const keywords = (filter.keywords ?? []).flatMap((word, nth): Inline[] => [
    nth === 0 ? "" : " and ",
    { code: clip(word) },
  ]);
  const lines = level === "" ? "Lines" : `${level}lines`;
  if (keywords.length === 0) {
    const none = `There is no ${level}line of ${where}`;
    return { where, caption: [lines], none: [none], wider: "without some of the conditions" };
  }
  return {
    where,
    caption: [`${lines} with `, ...keywords],
    none: [`No ${level}line of ${where} holds `, ...keywords],
    wider: "for a part of the text",
  };
}

function linesCard(words: Words, window: TimeRange, lines: readonly LogLine[]): Card {
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
    title: `${countOf(lines.length, "line", "lines")} in ${words.where}`,
    tone: "neutral",
    body: [{ kind: "log", caption, lines: shownLines(lines, window), transient: true }],
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
export function shownLines(lines: readonly LogLine[], range: TimeRange): string[] {
  const from = needsDate(range) ? 0 : 11;
  return lines.map((line) => shownLine(line, from));
}

function shownLine(line: LogLine, from: number): string {
  const at = new Date(Number(line.atNs / 1_000_000n)).toISOString().slice(from);
  return `${at} ${line.service}  ${sampleOf(line.text, LINE_CHARS).replaceAll("\n", " ⏎ ")}`;
}

function clip(text: string): string {
  return text.length > ASKED_CHARS ? `${Array.from(text).slice(0, ASKED_CHARS).join("")}…` : text;
}
