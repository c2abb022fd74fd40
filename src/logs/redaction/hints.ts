import type { Sought } from "./automaton.ts";
import { createFinder, type Found } from "./finder.ts";
import { HINT, PART, TEXTS } from "./hintTexts.ts";
import { KEY_HINT } from "./keyNames.ts";

const ALL = Object.values(HINT).reduce((all, bits) => all | bits, 0);

const CARD_DIGITS = 13;
/** The most that a telephone's number keeps apart has as many digits in a row. */
const CALLED_DIGITS = 5;

const FOLLOW: Readonly<Record<string, Sought["follow"]>> = {
  "¬": "no-small-letter",
  "→": "letter-or-hyphen",
};

const find = createFinder(
  TEXTS.flatMap(([bits, texts]) => texts.split(" ").map((text) => sought(text, bits))),
);

function sought(text: string, bits: number): Sought {
  const isAtStart = text.startsWith("^");
  const follow = FOLLOW[text.at(-1) ?? ""];
  return {
    bits,
    text: text.slice(isAtStart ? 1 : 0, follow === undefined ? undefined : -1).replaceAll("·", " "),
    isAtStart,
    follow,
  };
}

/** Which groups of rules can match in a text: all of them where it has characters that stand for others. */
export function hintsOf(text: string): number {
  return hintsFrom(find(text), text);
}

/** Whether any can: it reads no further than to the first. */
export function hasHint(text: string): boolean {
  return hintsFrom(find(text, isHinting), text) !== 0;
}

function isHinting(bits: number): boolean {
  return (hintsTogether(bits) & ~HINT.called) !== 0;
}

function hintsFrom(found: Readonly<Found>, text: string): number {
  if (found.hasOdd) return ALL;
  let hints = hintsTogether(found.bits);
  // Keys are named in many languages.
  if (found.hasForeign && (found.bits & PART.pair) !== 0 && KEY_HINT.test(text)) hints |= HINT.key;
  if (found.digitsInRow < CALLED_DIGITS) hints &= ~HINT.called;
  if (found.digitsInRow >= CARD_DIGITS) hints |= HINT.card;
  if (found.hasIban) hints |= HINT.iban;
  if (found.hasControl) hints |= HINT.hidden;
  if (found.hasDigest) hints |= HINT.digest;
  if (found.hasKeyRun || found.hasTokenRun) hints |= HINT.shape;
  return hints;
}

function hintsTogether(bits: number): number {
  let hints = bits & ALL;
  if ((bits & PART.flag) !== 0 && (bits & (PART.tool | PART.named)) !== 0) hints |= HINT.command;
  if (hasAll(bits, PART.slash | PART.slashed)) hints |= HINT.command;
  if (hasAll(bits, PART.variable | PART.named)) hints |= HINT.command;
  if (hasAll(bits, PART.told | PART.signIn)) hints |= HINT.prose;
  if (hasAll(bits, PART.keyName | PART.pair)) hints |= HINT.key;
  return hints;
}

function hasAll(bits: number, wanted: number): boolean {
  return (bits & wanted) === wanted;
}
