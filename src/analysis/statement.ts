import type { Block, Inline } from "../chat/card.ts";
import { inlineText } from "../chat/plainText.ts";
import type { Pack } from "../evidence/pack.ts";
import { type Answer, confidenceWord, type Hypothesis } from "./answer.ts";
import { pastVerdict } from "./pastVerdict.ts";
import { warningOf } from "./warnings.ts";

/** What an answer says first: the cause and whose word that is, what people said of it before, and how it unfolded. */
export function statement(pack: Pack, answer: Answer): Block[] {
  const before = pastVerdict(pack, answer);
  const { rootCause, summary } = answer;
  // What the built-in analyzer says of a cause quotes lines and advises nothing.
  const warning = (of: string) => (answer.provider === "builtin" ? [] : warningOf(of));
  return [
    text([
      ...warning(rootCause),
      { strong: rootCause },
      ...standing(answer.hypotheses?.[0]),
      ` (${speaker(answer)})`,
    ]),
    ...(before === undefined ? [] : [text(before)]),
    ...(summary === "" ? [] : [text([...warning(inlineText(summary)), ...[summary].flat()])]),
  ];
}

/** What else it may be. */
export function alternatives(answer: Answer): Block[] {
  return [...lessSure(answer), ...alsoConsidered(answer)];
}

/** Whose word the first sentence is: nobody should have to look for that in the small print. */
function speaker({ provider, model, insteadOf }: Answer): string {
  if (provider !== "builtin") return `${provider} ${model}`;
  return insteadOf === undefined ? "built-in analyzer" : `built-in analyzer, in place of ${insteadOf}`;
}

/** ` [1][3], though [2] speaks against it`. */
function standing(hypothesis: Hypothesis | undefined): Inline[] {
  if (hypothesis === undefined) return [];
  const against =
    hypothesis.against.length === 0 ? "" : `, though ${numbersText(hypothesis.against)} speaks against it`;
  return [` ${numbersText(hypothesis.for)}${against}`];
}

/** What a model thinks where the built-in analyzer is surer. */
function lessSure({ second }: Answer): Block[] {
  return second === undefined
    ? []
    : [text([{ strong: `${second.by} thinks: ` }, ...warningOf(second.cause), reasoned(second)])];
}

function alsoConsidered({ hypotheses = [], rootCause }: Answer): Block[] {
  return hypotheses
    .filter(({ cause }) => cause !== rootCause)
    .map((one) => text([{ strong: "Also considered: " }, ...warningOf(one.cause), reasoned(one)]));
}

function reasoned({ cause, for: supports, against, confidence }: Hypothesis): string {
  return `${cause} ${numbersText(supports)}${against.length === 0 ? "" : `; against it ${numbersText(against)}`} (${confidenceWord(confidence)})`;
}

function numbersText(numbers: readonly number[]): string {
  return numbers.map((number) => `[${number}]`).join("");
}

function text(text: Extract<Block, { kind: "text" }>["text"]): Block {
  return { kind: "text", text };
}
