import type { Block, Card, Inline } from "../chat/card.ts";
import type { Pack } from "../evidence/pack.ts";
import { behindSecondWall } from "../logs/redaction/secondWall.ts";
import type { Standing } from "../models/languageModel.ts";
import type { TenantModel } from "../models/tenantModel.ts";
import type { Answer } from "./answer.ts";
import { evidenceItem } from "./evidenceCard.ts";
import { type CheckedProse, checkProse, createProseCheck } from "./grounding/discussion.ts";
import { groundsOf } from "./grounding/evidence.ts";
import { shownLine } from "./grounding/links.ts";
import { LOOK_UPS, type LookedUp, type LookUpParts } from "./lookUp.ts";
import { createLookUps, firstLookUpNumber } from "./lookUps.ts";
import { discussionMessages } from "./prompt/discussion.ts";
import { ANALYST } from "./prompt/rootCause.ts";
import { createUnquoted } from "./prompt/unquoted.ts";
import { createTally } from "./tally.ts";
import type { Turn } from "./turns.ts";
import { warningOf } from "./warnings.ts";
import { countOf, moment } from "./words.ts";

export interface DiscussAsk {
  model: TenantModel;
  conversation: { pack: Pack; answer: Answer; fence: string };
  turns: readonly (Turn & { lookedUp: readonly LookedUp[] })[];
  /** That were asked in the conversation before this one. */
  questionsBefore: number;
  question: string;
  linkHosts: readonly string[];
  /** What the model is told; absent: what the analyst is. */
  system?: string;
  lookUp: Omit<LookUpParts, "servicesIn">;
  /** What of the answer is there and holds; and what is being looked up. */
  show(soFar: string, lookingUp?: string): void;
  /** Told whether the model waits or is asked. */
  onStanding(standing: Standing): void;
}

/** Rounds of looking things up. */
const MAX_ROUNDS = 4;
const MAX_OUTPUT_TOKENS = 900;
const MAX_PACK_TOKENS = 6_000;
const SENTENCE_CHARS = 500;
const SHOWN_ITEMS = 3;
const SHOWN_LINES = 8;

/** Has a model answer a question about a root cause, which may look things up, and checks what it says. */
export async function discuss(
  ask: DiscussAsk,
): Promise<{ card: Card; lookedUp: readonly LookedUp[] } | { why: string }> {
  const { model, conversation, turns, question, linkHosts, show, system = ANALYST } = ask;
  const { pack, answer, fence } = conversation;
  const fit = { maxTokens: MAX_PACK_TOKENS, countTokens: model.countTokens };
  const { nowMs } = ask.lookUp;
  const messages = discussionMessages({ pack, fence, answer, turns, question, nowMs, fit });
  const lookUps = createLookUps({
    ...ask.lookUp,
    fence,
    firstNumber: firstLookUpNumber(pack, ask.questionsBefore),
    show: (what) => show("", what),
  });
  const known = turns.flatMap((turn) => turn.lookedUp);
  const rules = { maxChars: SENTENCE_CHARS, allowedHosts: linkHosts, redact: ask.lookUp.redaction.redact };
  const spent = createTally();
  for (let round = 0; round <= MAX_ROUNDS; round++) {
    const grounds = groundsOf(pack, [system, fence], [...known, ...lookUps.found]);
    const written = createProseCheck(grounds, rules);
    const mayLookUp = round < MAX_ROUNDS && lookUps.left() > 0;
    const request = {
      system,
      messages,
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      onStanding: ask.onStanding,
      ...(mayLookUp && { tools: LOOK_UPS }),
      onText(piece: string) {
        // A sentence that is still being written cannot be checked, and pieces are many.
        if (written.add(piece)) show(written.soFar.sentences.join(" "));
      },
    };
    const reply = await model.ask("question", request, ask.lookUp.signal);
    spent.add(reply);
    if (reply.outcome !== "answered") return { why: reply.why };
    const checked = checkProse(reply.text, grounds, rules);
    if (reply.calls.length > 0 && mayLookUp) {
      const { results, callsAs } = await lookUps.doAll(reply.calls);
      // What it said beside is told again as its own words: none of a log's, not even of those that it asked for.
      const unquoted = createUnquoted(pack, [...known, ...lookUps.found]);
      const text = unquoted(checked.sentences.join(" "));
      messages.push({ role: "model", text, calls: callsAs(unquoted) }, results);
      continue;
    }
    if (checked.sentences.length === 0) {
      return {
        why:
          checked.dropped === 0
            ? "it said nothing"
            : "the evidence does not hold what it said, so that nothing of it is left",
      };
    }
    const note = `${model.provider} ${model.model}${spent.text()}. ${restsOn(checked)}`;
    return {
      card: cardOf(pack, await behindSecondWall(checked), lookUps.found, note),
      lookedUp: lookUps.found,
    };
  }
  return { why: "it went on looking things up and gave no answer" };
}

function cardOf(
  pack: Pack,
  checked: CheckedProse,
  lookedUp: readonly Required<LookedUp>[],
  footnote: string,
): Card {
  const first = lookedUp[0]?.number ?? Number.POSITIVE_INFINITY;
  const cited = checked.cites.filter((number) => number < first).slice(0, SHOWN_ITEMS);
  const warning = warningOf(checked.sentences.join(" "));
  const body: Block[] = [{ kind: "text", text: [...warning, ...proseText(checked.sentences)] }];
  const items = [
    ...cited.flatMap((number) => (hasItem(pack, number) ? [evidenceItem(pack, number, 2)] : [])),
    ...lookedUp.map(({ number, what, range, lines }) => ({
      number,
      heading: [
        { strong: "Looked up: " },
        `${what}, `,
        { atMs: range.fromMs, show: "date and time" },
        " to ",
        moment(range.toMs, range),
      ] as Inline[],
      detail: howMany(lines.length),
      ...(lines.length > 0 && { log: lines.slice(0, SHOWN_LINES).map(shownLine) }),
    })),
  ];
  if (items.length > 0) body.push({ kind: "items", items });
  return { title: pack.service, tone: "neutral", body, footnote };
}

function howMany(lines: number): string {
  if (lines === 0) return "nothing was found";
  return `${countOf(lines, "line", "lines")}${lines > SHOWN_LINES ? `, ${SHOWN_LINES} shown` : ""}; times in lines are UTC`;
}

function hasItem(pack: Pack, number: number): boolean {
  return number >= 1 && number < firstLookUpNumber(pack, 0);
}

/** Quotes of logs are shown as such. */
function proseText(sentences: readonly string[]): Inline[] {
  return sentences
    .join(" ")
    .split(/"([^"\n]{1,300})"/)
    .map((part, at) => (at % 2 === 1 ? { code: part } : part));
}

function restsOn({ sentences, grounded, dropped }: CheckedProse): string {
  const own = sentences.length - grounded;
  return [
    `${countOf(grounded, "statement rests", "statements rest")} on evidence`,
    ...(own === 0 ? [] : [`${own} ${own === 1 ? "says" : "say"} what it does not show`]),
    ...(dropped === 0
      ? []
      : [
          `${countOf(dropped, "was", "were")} left out, because the evidence does not hold ${dropped === 1 ? "it" : "them"}`,
        ]),
  ]
    .join(", ")
    .concat(".");
}
