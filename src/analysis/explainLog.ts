import { button, type Card, type Item, type Text } from "../chat/card.ts";
import type { Reply } from "../chat/platform.ts";
import { findLike, type Resembled } from "../clusters/relatedStore.ts";
import { findByBeginnings, findByFingerprints, type Remembered } from "../clusters/remembered.ts";
import { failureKindOf, isSymptom } from "../evidence/failureKinds.ts";
import { createRenumbering } from "../logs/markNumbers.ts";
import { OF_A_SAMPLE, readable } from "../logs/readable.ts";
import { numberedRedactionOf } from "../redactionRules/tenantRedaction.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Kind, kindsOf, pastedEntries } from "./pastedKinds.ts";
import { actionText } from "./warnings.ts";
import { countOf, headline, likeText } from "./words.ts";

const SHOWN = 5;
const SAMPLE_LINES = 6;

/**
 * "Explain this log": what the log lines in a message are, which known way to fail they show, and whether this
 * tenant has met them before. Nothing of the message is kept.
 */
export async function explainLog(scope: TenantScope, message: string): Promise<Reply> {
  const entries = pastedEntries(message, await numberedRedactionOf(scope));
  const all = entries.flatMap(({ whole, tails }) => [...(whole === undefined ? [] : [whole]), ...tails]);
  const known = await findByFingerprints(scope, [...new Set(all.map(({ fingerprint }) => fingerprint))]);
  const isKnown = new Set(known.map(({ fingerprint }) => fingerprint));
  const kinds = kindsOf(entries, (fingerprint) => isKnown.has(fingerprint));
  // Under what somebody else wrote nobody needs to read that it is no log.
  if (kinds.length === 0) return { kind: "message", visibility: "caller", card: NO_LOG };
  const cut = kinds.slice(0, SHOWN).filter(({ fingerprint }) => !isKnown.has(fingerprint));
  const whole = await findByBeginnings(
    scope,
    cut.map(({ template }) => template),
  );
  // Met with its stack, it is taken for the same.
  for (const { template, fingerprint } of cut) {
    const row = whole.get(template);
    if (row !== undefined) known.push({ ...row, fingerprint });
  }
  const unmet = cut.filter(({ template }) => !whole.has(template));
  const like = await findLike(
    scope,
    unmet.map(({ template }) => template),
  );
  return { kind: "message", visibility: "channel", card: explanation(kinds, known, like) };
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
        : [{ kind: "text" as const, text: [{ strong: "Next: " }, ...actionText(shown.action)] as Text }]),
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
