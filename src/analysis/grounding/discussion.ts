import { cleaned } from "../../logs/redaction/clean.ts";
import type { Grounds } from "./evidence.ts";
import { plainMarks } from "./marks.ts";
import { numbersIn, ownWordsAndQuotes, type ProseRules } from "./prose.ts";

/** What is left of an answer in prose. */
export interface CheckedProse {
  sentences: string[];
  /** How many of these rest on evidence. */
  grounded: number;
  /** Left out: they cite what does not exist, or quote what stands nowhere. */
  dropped: number;
  /** Evidence numbers, in the order they are cited. */
  cites: number[];
}

const MAX_SENTENCES = 14;

/** Holds prose against the evidence, sentence by sentence: numbers have to exist, and quotes have to stand where they are cited. */
export function checkProse(text: string, grounds: Grounds, rules: ProseRules): CheckedProse {
  const checked: CheckedProse = { sentences: [], grounded: 0, dropped: 0, cites: [] };
  for (const sentence of sentencesOf(text)) {
    if (checked.sentences.length === MAX_SENTENCES) break;
    const numbers = numbersIn(sentence);
    const said = ownWordsAndQuotes(sentence, numbers, grounds, rules);
    if (said === undefined) {
      checked.dropped++;
      continue;
    }
    checked.sentences.push(said);
    if (numbers.length > 0) checked.grounded++;
    for (const number of numbers) if (!checked.cites.includes(number)) checked.cites.push(number);
  }
  return checked;
}

/** One sentence after the other; line breaks and marks of lists end one too. */
export function sentencesOf(text: string): string[] {
  return plainMarks(cleaned(text.slice(0, READ_CHARS)))
    .split(/\n+/)
    .map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)]|#{1,6})\s+/, "").replace(/\*\*|__/g, ""))
    .flatMap((line) => line.split(/(?<=[.!?…](?:\s?\[\d{1,9}\]){0,6})\s+(?=[\p{Lu}"[(])/u))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}

/** More is never shown. */
const READ_CHARS = 20_000;
