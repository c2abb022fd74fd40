import type { Block, Card, Inline } from "../chat/card.ts";
import type { Pack } from "../evidence/pack.ts";
import { behindSecondWall } from "../logs/redaction/secondWall.ts";
import type { ModelMessage, Standing, ToolCall, ToolResult } from "../models/languageModel.ts";
import type { TenantModel } from "../models/tenantModel.ts";
import type { Answer } from "./answer.ts";
import { CANNOT_BE_UNDONE } from "./card.ts";
import { evidenceItem } from "./evidenceCard.ts";
import { isDestructive } from "./grounding/destructive.ts";
import { type CheckedProse, checkProse, sentencesOf } from "./grounding/discussion.ts";
import { groundsOf } from "./grounding/evidence.ts";
import { shownLine } from "./grounding/links.ts";
import { LOOK_UPS, type LookedUp, type LookUpParts, lookUp } from "./lookUp.ts";
import { discussionMessages, firstLookUpNumber, lookedUpText } from "./prompt/discussion.ts";
import { ANALYST } from "./prompt/rootCause.ts";
import { createTally } from "./tally.ts";
import type { Turn } from "./turns.ts";
import { countOf, moment } from "./words.ts";

export interface DiscussAsk {
  model: TenantModel;
  conversation: { pack: Pack; answer: Answer; fence: string };
  turns: readonly (Turn & { lookedUp: readonly LookedUp[] })[];
  question: string;
  linkHosts: readonly string[];
  /** What the model is told; absent: what the analyst is. */
  system?: string;
  lookUp: LookUpParts;
  /** What of the answer is there and holds; and what is being looked up. */
  show(soFar: string, lookingUp?: string): void;
  /** Told whether the model waits or is asked. */
  onStanding(standing: Standing): void;
}

/** Rounds of looking things up, and things looked up in all. */
const MAX_ROUNDS = 4;
const MAX_LOOK_UPS = 6;
const MAX_OUTPUT_TOKENS = 900;
const MAX_PACK_TOKENS = 6_000;
const SENTENCE_CHARS = 500;
const SHOWN_ITEMS = 3;
const SHOWN_LINES = 8;

/** Has a model answer a question about a root cause, which may look things up, and checks what it says. */
export async function discuss(
  ask: DiscussAsk,
): Promise<{ card: Card; lookedUp: LookedUp[] } | { why: string }> {
  const { model, conversation, turns, question, linkHosts, show, system = ANALYST } = ask;
  const { pack, answer, fence } = conversation;
  const fit = { maxTokens: MAX_PACK_TOKENS, countTokens: model.countTokens };
  const { nowMs } = ask.lookUp;
  const messages = discussionMessages({ pack, fence, answer, turns, question, nowMs, fit });
  const lookedUp: Required<LookedUp>[] = [];
  const known = turns.flatMap((turn) => turn.lookedUp);
  const spent = createTally();
  for (let round = 0; round <= MAX_ROUNDS; round++) {
    const grounds = groundsOf(pack, [system, fence], [...known, ...lookedUp]);
    const rules = { maxChars: SENTENCE_CHARS, allowedHosts: linkHosts };
    let written = "";
    let shown = 0;
    const mayLookUp = round < MAX_ROUNDS && lookedUp.length < MAX_LOOK_UPS;
    const request = {
      system,
      messages,
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      onStanding: ask.onStanding,
      ...(mayLookUp && { tools: LOOK_UPS }),
      onText(piece: string) {
        written += piece;
        // A sentence that is still being written cannot be checked, and pieces are many.
        const whole = sentencesOf(written).slice(0, -1);
        if (whole.length === shown) return;
        shown = whole.length;
        show(checkProse(whole.join(" "), grounds, rules).sentences.join(" "));
      },
    };
    const reply = await model.ask("question", request, ask.lookUp.signal);
    spent.add(reply);
    if (reply.outcome !== "answered") return { why: reply.why };
    if (reply.calls.length > 0 && mayLookUp) {
      messages.push({ role: "model", text: reply.text, calls: reply.calls });
      messages.push(await lookUpAll(reply.calls));
      continue;
    }
    const checked = checkProse(reply.text, grounds, rules);
    if (checked.sentences.length === 0) {
      return {
        why:
          checked.dropped === 0
            ? "it said nothing"
            : "the evidence does not hold what it said, so that nothing of it is left",
      };
    }
    const note = `${model.provider} ${model.model}${spent.text()}. ${restsOn(checked)}`;
    return { card: cardOf(pack, checked, lookedUp, note), lookedUp };
  }
  return { why: "it went on looking things up and gave no answer" };

  async function lookUpAll(calls: readonly ToolCall[]): Promise<ModelMessage> {
    const results: ToolResult[] = [];
    for (const call of calls) {
      const { id: callId, name } = call;
      if (lookedUp.length >= MAX_LOOK_UPS) {
        results.push({ callId, name, text: "No more can be looked up for this question." });
        continue;
      }
      show("", "what it asks for");
      const found = await lookUp(call, ask.lookUp).catch((error: unknown) => {
        ask.lookUp.signal.throwIfAborted();
        return { wrong: error instanceof Error ? "The logs could not be read just now." : "It failed." };
      });
      if ("wrong" in found) {
        results.push({ callId, name, text: found.wrong });
        continue;
      }
      const safe = await behindSecondWall(found);
      const number = firstLookUpNumber(pack, turns) + lookedUp.length;
      lookedUp.push({ number, ...safe });
      show("", safe.what);
      results.push({ callId, name, text: lookedUpText({ number, ...safe }, fence) });
    }
    return { role: "results", results };
  }
}

function cardOf(
  pack: Pack,
  checked: CheckedProse,
  lookedUp: readonly Required<LookedUp>[],
  footnote: string,
): Card {
  const first = lookedUp[0]?.number ?? Number.POSITIVE_INFINITY;
  const cited = checked.cites.filter((number) => number < first).slice(0, SHOWN_ITEMS);
  const warning = isDestructive(checked.sentences.join(" ")) ? [CANNOT_BE_UNDONE] : [];
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
  return number >= 1 && number <= firstLookUpNumber(pack, []) - 1;
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
    ...(own === 0 ? [] : [`${own} on the model alone`]),
    ...(dropped === 0
      ? []
      : [
          `${countOf(dropped, "was", "were")} left out, because the evidence does not hold ${dropped === 1 ? "it" : "them"}`,
        ]),
  ]
    .join(", ")
    .concat(".");
}
