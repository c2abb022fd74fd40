import { redact as redactAsAll } from "../../logs/redaction.ts";
import type { Answer, Hypothesis } from "../answer.ts";
import { CAP } from "../evidenceClass.ts";
import type { RootCauseForm } from "../prompt/rootCause.ts";
import type { Grounds } from "./evidence.ts";
import { proofOf } from "./proof.ts";
import { cutTo, ownCommand, ownWordsAndQuotes, withoutNumbers } from "./prose.ts";

/** What is left of a model's answer when all that does not hold is left out. */
export interface Checked {
  /** Absent where nothing is left to be said. */
  answer?: Omit<Answer, "provider" | "model">;
  /** Claims the model made, and those of them that were left out: numbers of no evidence, quotes that stand nowhere, copied texts. */
  claims: number;
  dropped: number;
}

const MAX_HYPOTHESES = 3;
const MAX_SENTENCES = 5;
const MAX_LOOK_AT = 3;
/** More is no argument any more. */
const MAX_CITED = 12;
const CAUSE_CHARS = 300;
const SENTENCE_CHARS = 300;
const LOOK_AT_CHARS = 160;

/** Holds a model's answer against the evidence: each claim has to rest on an item that exists and to quote what stands there. */
export function checkRootCause(
  form: RootCauseForm,
  grounds: Grounds,
  allowedHosts: readonly string[],
  redact: (text: string) => string = redactAsAll,
): Checked {
  let claims = 0;
  let dropped = 0;
  const keep = <T>(claim: T | undefined): T[] => {
    claims++;
    if (claim === undefined) dropped++;
    return claim === undefined ? [] : [claim];
  };
  const prose = (text: string, maxChars: number, cites: readonly number[] = []) => {
    const own = ownWordsAndQuotes(text, cites, grounds, {
      ...{ maxChars, allowedHosts, redact },
    });
    if (own === undefined) return undefined;
    // Without the numbers in it, two halves may be one secret.
    return cutTo(redact(withoutNumbers(own)), maxChars);
  };
  const cited = (all: RootCauseForm["hypotheses"][number]["for"]) => [
    ...new Set(
      all
        .slice(0, MAX_CITED)
        .flatMap(({ evidence, quote }) =>
          keep(grounds.carries(evidence) && grounds.holds(evidence, quote) ? evidence : undefined),
        ),
    ),
  ];

  const proofs: ReturnType<typeof proofOf>[] = [];
  const hypotheses = form.hypotheses.slice(0, MAX_HYPOTHESES).flatMap((one): Hypothesis[] => {
    const supports = cited(one.for);
    const opposes = cited(one.against).filter((number) => !supports.includes(number));
    const cause = supports.length === 0 ? undefined : prose(one.cause, CAUSE_CHARS, supports);
    if (cause === undefined) return keep<Hypothesis>(undefined);
    const proof = proofOf({ ...one, supports }, grounds);
    proofs.push(proof);
    const confidence = capped(one.confidence, proof.cap);
    return keep<Hypothesis>({ cause, for: supports, against: opposes, confidence });
  });
  const summary = form.summary.slice(0, MAX_SENTENCES).flatMap(({ sentence, evidence }) => {
    const numbers = [...new Set(evidence.slice(0, MAX_CITED).filter(grounds.carries))];
    const said = numbers.length === 0 ? undefined : prose(sentence, SENTENCE_CHARS, numbers);
    return keep(said && `${said} ${numbers.map((number) => `[${number}]`).join("")}`);
  });
  const lookAt = form.lookAt.slice(0, MAX_LOOK_AT).flatMap((text) => prose(text, LOOK_AT_CHARS) ?? []);
  const advice = prose(form.nextStep.advice, SENTENCE_CHARS);
  const asked = ownCommand(form.nextStep.command, grounds);
  // A command with a secret in it is none to copy.
  const command = asked !== undefined && redact(asked) === asked ? asked : undefined;
  const [best] = hypotheses;
  const [proof] = proofs;

  if (form.verdict === "not visible in these logs" || best === undefined || proof === undefined) {
    if (form.verdict === "cause visible") return { claims, dropped };
    return {
      claims,
      dropped,
      answer: {
        rootCause: NOT_VISIBLE,
        summary: summary.join(" "),
        confidence: Math.min(best?.confidence ?? 0.1, CAP.circumstance),
        confidenceReasons: ["the model sees no cause in this evidence"],
        cites: [],
        hypotheses,
        lookAt,
      },
    };
  }
  const culprit = best.for.find((number) => grounds.item(number)?.kind === "cluster");
  return {
    claims,
    dropped,
    answer: {
      rootCause: best.cause,
      summary: summary.join(" "),
      ...(advice !== undefined && {
        suggestedAction: command === undefined ? advice : `${advice} \`${command}\``,
      }),
      confidence: best.confidence,
      ...(proof.isLess && { mostConfidence: proof.cap }),
      confidenceReasons: [proof.why],
      ...(culprit !== undefined && { culprit: culprit - 1 }),
      cites: [...new Set([...best.for, ...best.against])],
      hypotheses,
      ...(lookAt.length > 0 && { lookAt }),
    },
  };
}

export const NOT_VISIBLE = "Not visible in these logs.";

function capped(confidence: number, cap: number): number {
  const said = Number.isFinite(confidence) ? Math.min(1, Math.max(0, confidence)) : 0;
  return Math.round(Math.min(said, cap) * 100) / 100;
}
