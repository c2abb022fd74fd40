import { button, type Card, type Item, type Text } from "../chat/card.ts";
import { shownTemplate } from "../clusters/cluster.ts";
import { fingerprintOf } from "../clusters/fingerprint.ts";
import { clusterText } from "../clusters/message.ts";
import { findLike, type Resembled } from "../clusters/relatedStore.ts";
import { findByFingerprints, type Remembered } from "../clusters/store.ts";
import { failureKindOf, isSymptom } from "../evidence/failureKinds.ts";
import { entriesOf, looksLogged, withoutFences } from "../logs/looksLogged.ts";
import { createRenumbering } from "../logs/markNumbers.ts";
import { parseLine } from "../logs/parse.ts";
import { OF_A_SAMPLE, readable } from "../logs/readable.ts";
import { type Redaction, redact } from "../logs/redaction.ts";
import { LEVELS, type Level } from "../logs/source.ts";
import { numberedRedactionOf } from "../redactionRules/tenantRedaction.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { countOf, headline, likeText } from "./words.ts";

/** A message of a chat holds no more than this; a pasted file may. */
const MAX_CHARS = 100_000;
const SHOWN = 5;
const SAMPLE_CHARS = 1_000;
const SAMPLE_LINES = 6;

/** Lines of one message that are of one kind. */
interface Kind {
  fingerprint: string;
  template: string;
  level: Level | undefined;
  errorClass: string | undefined;
  service: string | undefined;
  count: number;
  sample: string;
  text: string;
}

/**
 * "Explain this log": what the log lines in a message are, which known way to fail they show, and whether this
 * tenant has met them before. Nothing of the message is kept. `isFound`: there is a log line in it.
 */
export async function explainLog(
  scope: TenantScope,
  message: string,
): Promise<{ card: Card; isFound: boolean }> {
  const kinds = kindsIn(withoutFences(message).slice(0, MAX_CHARS), await numberedRedactionOf(scope));
  if (kinds.length === 0) return { card: NO_LOG, isFound: false };
  const known = await findByFingerprints(
    scope,
    kinds.map(({ fingerprint }) => fingerprint),
  );
  const unmet = kinds
    .slice(0, SHOWN)
    .filter(({ fingerprint }) => !known.some((row) => row.fingerprint === fingerprint));
  const like = await findLike(
    scope,
    unmet.map(({ template }) => template),
  );
  return { card: explanation(kinds, known, like), isFound: true };
}

/** The kinds of lines in a text that look like a program's, the worst and most frequent first. */
function kindsIn(text: string, redaction: Redaction): Kind[] {
  const unhidden = (name: string | undefined) =>
    name === undefined || redaction.redact(name) === name ? name : undefined;
  const kinds = new Map<string, Kind>();
  for (const entry of entriesOf(text)) {
    const parsed = parseLine(entry);
    // Whoever asks for it may have pasted no more than what failed.
    const failed = parsed.errorClass !== undefined || failureKindOf(entry) !== undefined;
    if (!failed && !looksLogged(parsed)) continue;
    const said = clusterText(parsed);
    const told = redact(said);
    const fingerprint = fingerprintOf(told);
    const same = kinds.get(fingerprint);
    if (same !== undefined) {
      same.count++;
      continue;
    }
    kinds.set(fingerprint, {
      fingerprint,
      template: shownTemplate(said, redaction),
      level: parsed.level,
      errorClass: unhidden(parsed.errorClass),
      service: unhidden(parsed.service),
      count: 1,
      sample: redaction.sampleOf(entry, SAMPLE_CHARS),
      text: told,
    });
  }
  return [...kinds.values()].sort((a, b) => badness(a) - badness(b) || b.count - a.count);
}

/** A level that is not said stands behind errors and before what is said to be well. */
function badness({ level }: Kind): number {
  return level === undefined ? LEVELS.indexOf("WARN") + 0.5 : LEVELS.indexOf(level);
}

function explanation(
  kinds: readonly Kind[],
  known: readonly Remembered[],
  like: ReadonlyMap<string, Resembled>,
): Card {
  const failure = kinds
    .map(({ text }) => failureKindOf(text))
    .find((kind) => kind !== undefined && !isSymptom(kind));
  const shown = failure ?? kinds.map(({ text }) => failureKindOf(text)).find((kind) => kind !== undefined);
  const lines = kinds.reduce((sum, { count }) => sum + count, 0);
  const renumbered = createRenumbering();
  const met = kinds.flatMap(({ fingerprint }) => known.find((row) => row.fingerprint === fingerprint) ?? []);
  return {
    title: `${countOf(lines, "log line", "log lines")}: ${shown?.name ?? countOf(kinds.length, "kind", "kinds")}`,
    tone: shown === undefined ? "neutral" : "warning",
    badge: met.length > 0 ? "SEEN BEFORE" : "NOT SEEN BEFORE",
    body: [
      ...(shown === undefined
        ? []
        : [{ kind: "text" as const, text: [{ strong: `It says that ${shown.meaning}.` }] as Text }]),
      {
        kind: "items",
        items: kinds.slice(0, SHOWN).map((kind, at) =>
          kindItem(
            { ...kind, sample: renumbered(kind.sample) },
            at + 1,
            known.filter(({ fingerprint }) => fingerprint === kind.fingerprint),
            like.get(kind.template),
          ),
        ),
      },
      ...(shown === undefined
        ? []
        : [
            { kind: "text" as const, text: [{ strong: "Next: " }, shown.action.replaceAll("`", "")] as Text },
          ]),
    ],
    ...(met[0] && {
      actions: [button("Root cause", { name: "rootcause", subject: met[0].id }, "primary")],
    }),
    footnote: `${kinds.length > SHOWN ? `${countOf(kinds.length - SHOWN, "rarer kind is", "rarer kinds are")} not shown. ` : ""}Read from this message alone; nothing of it is kept.`,
  };
}

function kindItem(
  kind: Kind,
  number: number,
  rows: readonly Remembered[],
  like: Resembled | undefined,
): Item {
  const [first] = rows;
  const where = rows.map(({ service }) => service).slice(0, 3);
  return {
    number,
    heading: [
      ...(kind.service === undefined ? [] : [{ strong: kind.service }, ": "]),
      ...(kind.errorClass === undefined || kind.template.includes(kind.errorClass)
        ? []
        : [`${kind.errorClass}: `]),
      headline(kind.template),
    ],
    detail:
      first === undefined
        ? [
            `${kind.level ?? "no level"}  ${countOf(kind.count, "line", "lines")}; never met in these logs`,
            ...(like === undefined ? [] : [`; in ${like.service}, `, ...likeText(like)]),
          ]
        : [
            `${kind.level ?? "no level"}  ${countOf(kind.count, "line", "lines")}; met in ${where.join(", ")}, first `,
            { atMs: first.firstSeenMs, show: "date and time" },
            ", last ",
            { atMs: first.lastSeenMs, show: "relative" },
            ...(first.rootCause === undefined ? [] : [`. The last root cause was: ${first.rootCause}`]),
          ],
    log: readable(kind.sample, OF_A_SAMPLE).split("\n").slice(0, SAMPLE_LINES),
  };
}

const NO_LOG: Card = {
  title: "No log line in this message",
  tone: "neutral",
  body: [
    {
      kind: "text",
      text: [
        "I look for lines with a time, a level, an error or a stack. To look into a service's own logs use ",
        { code: "analyze <service>" },
        " or ",
        { code: "search <text>" },
        ".",
      ],
    },
  ],
};
