import { cleaned } from "../../logs/redaction/clean.ts";
import { isDestructive } from "./destructive.ts";
import type { Grounds } from "./evidence.ts";
import { plainMarks } from "./marks.ts";
import { numbersIn, ownWordsAndQuotes, type ProseRules } from "./prose.ts";

/** What is left of an answer in prose. */
export interface CheckedProse {
  sentences: string[];
  /** How many of these rest on evidence. */
  grounded: number;
  /** Left out: they cite nothing, or what does not exist, or quote what stands nowhere. */
  dropped: number;
  /** Evidence numbers, in the order they are cited. */
  cites: number[];
}

const MAX_SENTENCES = 14;
/** Those that are left out take time as well. */
const LOOKED_AT = 40;
/** How a sentence is marked that says what the evidence does not show. */
const NOT_SEEN = /\s*\[\s*none\s*\]/i;
const MAX_NOT_SEEN = 3;
/** 150 words are asked for: more is never shown. */
const READ_CHARS = 4_000;

/** Holds prose against the evidence, sentence by sentence: numbers have to exist, and quotes have to stand where they are cited. */
export function checkProse(text: string, grounds: Grounds, rules: ProseRules): CheckedProse {
  const check = createProseCheck(grounds, rules);
  check.add(text);
  return check.end();
}

/** The same of prose that is still being written. */
export interface ProseCheck {
  /** Looks at the sentences that are whole with this piece, each once. @returns whether there is one more that holds */
  add(piece: string): boolean;
  /** What holds of it so far. */
  readonly soFar: CheckedProse;
  /** What holds of all of it. */
  end(): CheckedProse;
}

export function createProseCheck(grounds: Grounds, rules: ProseRules): ProseCheck {
  const soFar: CheckedProse = { sentences: [], grounded: 0, dropped: 0, cites: [] };
  let lookedAt = 0;
  let notSeen = 0;
  let readChars = 0;
  let isCut = false;
  /** A sentence that is not whole yet. */
  let rest = "";
  const isDone = () => lookedAt === LOOKED_AT || soFar.sentences.length === MAX_SENTENCES;

  function look(text: string): void {
    for (const sentence of sentencesOf(text)) {
      if (isDone()) return;
      lookedAt++;
      const numbers = numbersIn(sentence);
      const said =
        numbers.length > 0 ? ownWordsAndQuotes(sentence, numbers, grounds, rules) : unseen(sentence);
      if (said === undefined) {
        soFar.dropped++;
        continue;
      }
      soFar.sentences.push(said);
      if (numbers.length > 0) soFar.grounded++;
      else notSeen++;
      for (const number of numbers) if (!soFar.cites.includes(number)) soFar.cites.push(number);
    }
  }

  /** What the evidence does not show is said as such, in so many words and no more: anything could be said so. */
  function unseen(sentence: string): string | undefined {
    if (!NOT_SEEN.test(sentence) || notSeen === MAX_NOT_SEEN || isDestructive(sentence)) return undefined;
    const said = ownWordsAndQuotes(sentence.replace(NOT_SEEN, ""), [], grounds, rules);
    return said?.replace(/\s*([.!?…]?)$/, " (no evidence)$1");
  }

  return {
    soFar,
    add(piece) {
      const read = piece.slice(0, READ_CHARS - readChars);
      isCut ||= read.length < piece.length;
      if (isDone() || read === "") return false;
      const before = soFar.sentences.length;
      readChars += read.length;
      rest += read;
      const whole = wholeChars(rest);
      look(rest.slice(0, whole));
      rest = rest.slice(whole);
      return soFar.sentences.length > before;
    },
    end() {
      // Half a sentence may say the opposite of the whole one.
      if (!isCut) look(rest);
      rest = "";
      return soFar;
    },
  };
}

/** Where a sentence ends and another one has begun. */
const NEXT = /\n(?=[^\n])|[.!?…](?:\s?\[(?:\d{1,9}|[Nn]one)\]){0,8}\s+(?=[\p{Lu}\p{Lo}"(])/gu;

/** How many characters belong to sentences to which nothing is added any more. */
function wholeChars(text: string): number {
  let end = 0;
  for (const match of text.matchAll(NEXT)) end = match.index + match[0].length;
  return end;
}

/** One sentence after the other, each with the numbers behind it; line breaks and marks of lists end one too. */
function sentencesOf(text: string): string[] {
  return plainMarks(cleaned(text))
    .split(/\n+/)
    .map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)]|#{1,6})\s+/, "").replace(/\*\*|__/g, ""))
    .flatMap((line) => line.split(/(?<=[.!?…](?:\s?\[(?:\d{1,9}|[Nn]one)\]){0,8})\s+(?=[\p{Lu}\p{Lo}"(])/u))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}
