import { inlineText } from "../../chat/plainText.ts";
import type { Pack } from "../../evidence/pack.ts";
import type { TimeRange } from "../../logs/source.ts";
import type { ModelMessage } from "../../models/languageModel.ts";
import type { Answer } from "../answer.ts";
import type { LookedUp } from "../lookUp.ts";
import type { Turn } from "../turns.ts";
import { cut, neutral } from "./neutral.ts";
import { evidenceMessage, ROOT_CAUSE_QUESTION } from "./rootCause.ts";
import { createUnquoted } from "./unquoted.ts";

/** Turns that are told word for word; those before are summed up. */
export const TURNS_TOLD = 6;
const TURN_CHARS = 1_200;
const SUMMED_CHARS = 80;

const HOW_TO_ANSWER = `\
Answer the last question of the people in the thread, in the language it is asked in, in at most 150 words of plain prose without headings, lists or tables. Each sentence \
ends with the evidence it rests on, as [3], also what you look up, by the number it is given; one that says what the evidence does not show ends with \
[none]. A sentence with neither is left out. What you copy from a log stands in double quotes, exactly as it is \
there. Look things up where the evidence does not say it, at most a few times. Say so where nothing shows it.`;

export interface Discussion {
  pack: Pack;
  fence: string;
  answer: Answer;
  /** Oldest first. */
  turns: readonly (Turn & { lookedUp: readonly LookedUp[] })[];
  question: string;
  nowMs: number;
  fit: Parameters<typeof evidenceMessage>[2];
}

/** What a model is told of a thread: the evidence as it was told first, byte for byte, what was said since, and the question. */
export function discussionMessages(about: Discussion): ModelMessage[] {
  const { pack, fence, answer, turns, question, nowMs, fit } = about;
  const told = turns.slice(-TURNS_TOLD);
  const before = turns.slice(0, -TURNS_TOLD);
  const lookedUp = turns.flatMap((turn) => turn.lookedUp);
  const unquoted = createUnquoted(pack, lookedUp);
  return [
    evidenceMessage(pack, fence, fit),
    { role: "user", text: ROOT_CAUSE_QUESTION },
    { role: "model", text: unquoted(answerText(answer)) },
    ...(before.length === 0 && lookedUp.length === 0
      ? []
      : [{ role: "user" as const, text: summedUp(before, lookedUp, fence) }]),
    ...told.map(
      ({ author, body }): ModelMessage =>
        author === "person"
          ? { role: "user", text: `Question: ${JSON.stringify(neutral(body).slice(0, TURN_CHARS))}` }
          : { role: "model", text: cut(unquoted(neutral(body)), TURN_CHARS) },
    ),
    {
      role: "user",
      text: `${HOW_TO_ANSWER}\nIt is ${new Date(nowMs).toISOString().slice(0, 19)}Z now.\nQuestion: ${JSON.stringify(neutral(question).slice(0, TURN_CHARS))}`,
    },
  ];
}

/** What was looked up, as a model reads it: between the fences, each line one JSON string, and what was searched for like a line. */
export function lookedUpText({ number, what, range, lines }: LookedUp, fence: string): string {
  const body =
    lines.length === 0
      ? [`[${number}] ${JSON.stringify("nothing was found")}`]
      : lines.map((each) => `[${number}] ${JSON.stringify(neutral(each))}`);
  return [
    `[${number}] was looked up:`,
    `<${fence}>`,
    `[${number}] ${JSON.stringify(neutral(range === undefined ? what : `${what}, ${span(range)}`))}`,
    ...body,
    `</${fence}>`,
  ].join("\n");
}

function answerText({ rootCause, summary, confidence, suggestedAction }: Answer): string {
  return neutral(
    [
      rootCause,
      inlineText(summary),
      `Confidence ${confidence.toFixed(2)}.`,
      ...(suggestedAction === undefined ? [] : [`Next: ${suggestedAction}`]),
    ].join(" "),
  );
}

/** Made by code: what was asked before, and what was looked up for it. */
function summedUp(before: readonly Turn[], lookedUp: readonly LookedUp[], fence: string): string {
  const asked = before
    .filter(({ author }) => author === "person")
    .map(({ body }) => JSON.stringify(neutral(body).slice(0, SUMMED_CHARS)));
  return [
    ...(asked.length === 0 ? [] : [`Asked before: ${asked.join(", ")}.`]),
    ...lookedUp.slice(-6).map((one) => lookedUpText(one, fence)),
  ].join("\n");
}

function span({ fromMs, toMs }: TimeRange): string {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 16).replace("T", " "));
  return `${from} to ${to} UTC`;
}
