import { evidenceItems } from "../../evidence/items.ts";
import { CAP, classOf } from "../evidenceClass.ts";
import type { RootCauseForm } from "../prompt/rootCause.ts";
import type { Grounds } from "./evidence.ts";
import { foreignServices } from "./namedServices.ts";
import { wordsOf } from "./words.ts";

type Claim = Pick<RootCauseForm["hypotheses"][number], "cause" | "service" | "for"> & {
  /** Those of the evidence it rests on that hold. */
  supports: readonly number[];
};

/** Without words of the evidence, a cause is a story about it. */
const UNQUOTED = 0.5;
/** Words of a quote that do not stand in a row by chance. */
const TELLING_WORDS = 3;

export interface Proof {
  cap: number;
  /** Whether that is less than its kind of evidence carries. */
  isLess: boolean;
  why: string;
}

/**
 * How sure a claim may be, and why: its kind of evidence says it, as far as it quotes that in several words, or whole; a claim about
 * a service that nothing it cites names, and that is none of those looked at, is a guess.
 */
export function proofOf(claim: Claim, grounds: Grounds): Proof {
  const { pack } = grounds;
  const shown = claim.for
    .filter(({ evidence }) => claim.supports.includes(evidence))
    .filter(({ evidence, quote }) => grounds.holds(evidence, quote) && tells(quote, evidence, grounds))
    .map(({ evidence }) => evidence);
  const all = classOf(pack, claim.supports);
  const proven = shown.length === 0 ? "circumstance" : classOf(pack, shown);
  const known = [pack.service, ...evidenceItems(pack).map(({ service }) => service)];
  const cited = claim.supports.flatMap((number) => grounds.textsOf(number));
  const foreign = foreignServices([claim.cause, claim.service], known, cited);
  if (foreign !== undefined && CAP[all] > CAP.circumstance)
    return {
      cap: CAP.circumstance,
      isLess: true,
      why: "what it rests on does not name the service it is said to lie with",
    };
  if (CAP[proven] < CAP[all] && CAP[all] > UNQUOTED)
    return {
      cap: Math.max(CAP[proven], UNQUOTED),
      isLess: true,
      why: "it rests on evidence that says how it fails, without the words that say so",
    };
  return { cap: CAP[all], isLess: false, why: CLASS_WORDS[all] };
}

/** Whether a quote that holds shows anything: several words, or all there are. */
function tells(quote: string, evidence: number, grounds: Grounds): boolean {
  const words = wordsOf(quote).length;
  return (
    words >= TELLING_WORDS ||
    (words > 0 && grounds.textsOf(evidence).some((text) => wordsOf(text).length === words))
  );
}

const CLASS_WORDS = {
  circumstance: "what it rests on only happened at the same time",
  change: "what it rests on changed, and does not say how it fails",
  failure: "a new line says how it fails",
  "failure and its occasion":
    "a new line says how it fails, and something was done to that service just before",
} as const;
