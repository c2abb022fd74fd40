import { windowText } from "../analysis/card.ts";
import { countOf, needsDate } from "../analysis/words.ts";
import type { Card } from "../chat/card.ts";
import type { OptionDefinition } from "../chat/command.ts";
import { UserError } from "../errors.ts";
import { sampleOf } from "../logs/redaction.ts";
import type { LogLine, LogSource, TimeRange } from "../logs/source.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { findService } from "./findService.ts";
import { DEFAULT_SINCE_MS, MAX_SINCE_MS, namespace, optionalService, since } from "./options.ts";

const MAX_LINES = 200;
const LINE_CHARS = 500;

const text = {
  name: "text",
  kind: "text",
  description: "What must stand in the line, upper or lower case alike",
  required: true,
  takesRest: true,
  parse(raw: string) {
    if (raw.length < 2)
      throw new UserError("One letter stands in nearly every line. Search for at least two.");
    return raw;
  },
} as const satisfies OptionDefinition<string>;

export interface SearchParts {
  logs: LogSource;
  now: () => number;
}

export function searchCommand({ logs, now }: SearchParts): Command {
  return defineCommand({
    name: "search",
    summary: "Lines that hold a text, newest last, with secrets and personal data taken out",
    examples: ["search connection refused", 'search "order 4711" service:checkout since:6h'],
    role: "viewer",
    visibility: "channel",
    options: [text, optionalService, since, namespace],
    async run(call) {
      const { scope } = call.workspace();
      const { text, service, namespace } = call.options;
      const toMs = now();
      const window = { fromMs: toMs - (call.options.since ?? DEFAULT_SINCE_MS), toMs };
      const ref =
        service === undefined
          ? undefined
          : await findService(logs, scope.lokiOrgId, { service, namespace }, window);
      const within = ref?.namespace ?? namespace;
      const lines: LogLine[] = [];
      const query = {
        ...window,
        ...(ref && { services: [ref.service] }),
        ...(within !== undefined && { namespace: within }),
        contains: [text],
        order: "newest first",
        limit: MAX_LINES,
      } as const;
      for await (const line of logs.lines(scope.lokiOrgId, query)) lines.push(line);
      return message(searchCard(text, placeOf(ref?.service, namespace), window, lines.reverse()), "channel");
    },
  });
}

function searchCard(text: string, where: string, window: TimeRange, lines: readonly LogLine[]): Card {
  if (lines.length === 0) {
    return {
      title: "Nothing found",
      tone: "neutral",
      body: [
        {
          kind: "text",
          text: ["No line of ", where, " holds ", { code: text }, " from ", ...windowText(window), "."],
        },
        { kind: "text", text: `${furtherBack(window)} for a part of the text.` },
      ],
    };
  }
  return {
    title: `${countOf(lines.length, "line", "lines")} in ${where}`,
    tone: "neutral",
    body: [
      {
        kind: "log",
        caption: [
          "Lines with ",
          { code: text },
          " from ",
          ...windowText(window),
          lines.length === MAX_LINES ? `, the newest ${MAX_LINES} of possibly more` : "",
        ],
        lines: shownLines(lines, window),
        transient: true,
      },
    ],
  };
}

function placeOf(service: string | undefined, namespace: string | undefined): string {
  const of = service ?? "all services";
  return namespace === undefined
    ? of
    : `${of} ${namespace === "" ? "without a namespace" : `in ${namespace}`}`;
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
