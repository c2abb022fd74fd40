import type { Inline } from "../chat/card.ts";
import { evidenceItems } from "../evidence/items.ts";
import type { Pack, PastAnalysis } from "../evidence/pack.ts";
import type { Answer } from "./answer.ts";
import { countOf, headline, upperFirst, withoutStop } from "./words.ts";

/** Characters of what somebody said that it was. */
const CAUSE_CHARS = 160;
/** Two conclusions that have at least this part of their words in common are one. */
const SAME_WORDS = 0.5;

/**
 * One sentence on what people said of an analysis of the same errors: of the same conclusion first, and that it was wrong before
 * that it was right. Undefined where nobody said anything.
 */
export function pastVerdict(pack: Pack, answer: Answer): Inline[] | undefined {
  const judged = evidenceItems(pack).flatMap((item) =>
    item.kind === "past" && verdictsOf(item.past) > 0 ? [item] : [],
  );
  const weight = ({ past }: (typeof judged)[number]) =>
    (isSame(pack, answer, past) ? 2 : 0) + (past.wrong > 0 || past.cause !== undefined ? 1 : 0);
  const [first] = judged.sort((a, b) => weight(b) - weight(a) || b.past.atMs - a.past.atMs);
  if (first === undefined) return undefined;
  const { past, number } = first;
  const at = { atMs: past.atMs, show: "date and time" } as const;
  const cause = past.cause === undefined ? undefined : withoutStop(headline(past.cause, CAUSE_CHARS));
  const ends = `${cause === undefined ? "" : `. It was: ${cause}`} [${number}].`;
  if (past.namedNoCause)
    return [
      "At ",
      at,
      ` these logs did not show the cause; somebody said later that it was: ${cause} [${number}].`,
    ];
  const verdict = past.wrong > 0 ? "wrong" : past.partly > 0 ? "partly right" : "right";
  const people = past[past.wrong > 0 ? "wrong" : past.partly > 0 ? "partly" : "right"];
  const who = people === 1 ? "somebody" : countOf(people, "person", "people");
  if (isSame(pack, answer, past))
    return verdict === "right"
      ? [`${upperFirst(who)} said that the same answer, given at `, at, ", was ", { strong: verdict }, ends]
      : [
          `${upperFirst(who)} marked the same answer, given at `,
          at,
          ", ",
          { strong: verdict },
          ends,
          elsewhereRight(pack, answer),
        ];
  const was = `"${withoutStop(headline(past.rootCause, CAUSE_CHARS))}"`;
  return ["The answer given at ", at, ` was ${was}, which ${who} marked `, { strong: verdict }, ends];
}

/** Beside what somebody found wrong: that others found the same right. */
function elsewhereRight(pack: Pack, answer: Answer): string {
  const right = sameOf(pack, answer).reduce((sum, past) => sum + past.right, 0);
  return right === 0 ? "" : ` ${countOf(right, "person", "people")} said that it was right.`;
}

/**
 * An answer that people have marked wrong before is less sure: its confidence is multiplied by (1 + right + partly / 2) / (1 + all of
 * them), of what was said of the same conclusion, as though one more had said right. So one "wrong" halves it.
 */
export function heedVerdicts(pack: Pack, answer: Answer): Answer {
  const factor = verdictFactor(pack, answer);
  if (factor === 1) return answer;
  const wrong = sameOf(pack, answer).reduce((sum, past) => sum + past.wrong, 0);
  return {
    ...answer,
    confidence: Math.round(100 * answer.confidence * factor) / 100,
    statedConfidence: answer.statedConfidence ?? answer.confidence,
    confidenceReasons: [
      ...answer.confidenceReasons,
      `${wrong === 1 ? "somebody has" : `${countOf(wrong, "person", "people")} have`} marked the same answer wrong before`,
    ],
  };
}

/** What a confidence is multiplied by: 1 where nobody said "wrong", because applause proves nothing. */
export function verdictFactor(pack: Pack, answer: Answer): number {
  const same = sameOf(pack, answer);
  if (!same.some(({ wrong }) => wrong > 0)) return 1;
  const all = same.reduce((sum, past) => sum + verdictsOf(past), 0);
  const right = same.reduce((sum, past) => sum + past.right + past.partly / 2, 0);
  return (1 + right) / (1 + all);
}

function sameOf(pack: Pack, answer: Answer): PastAnalysis[] {
  return (pack.past ?? []).filter((past) => isSame(pack, answer, past));
}

function verdictsOf({ right, partly, wrong }: PastAnalysis): number {
  return right + partly + wrong;
}

/** Whether it blamed the same service in mostly the same words; how long after what it began is no part of them. */
function isSame({ clusters }: Pack, { culprit, rootCause }: Answer, past: PastAnalysis): boolean {
  if (culprit === undefined || past.namedNoCause || clusters[culprit]?.service !== past.service) return false;
  const [a, b] = [wordsOf(rootCause), wordsOf(past.rootCause)];
  const common = [...a].filter((word) => b.has(word)).length;
  return common > 0 && common / (a.size + b.size - common) >= SAME_WORDS;
}

function wordsOf(text: string): Set<string> {
  const said = text.replace(/, \d[^,]* after [^,]*$/, "");
  return new Set(said.toLowerCase().match(/\p{L}[\p{L}\p{N}_-]+/gu) ?? []);
}
