import { cleaned } from "../../logs/redaction/clean.ts";
import type { Grounds } from "./evidence.ts";
import { ownWords, type ProseRules } from "./prose.ts";
import { sameText } from "./words.ts";

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
const QUOTE = /"([^"\n]{1,300})"/g;

/** Holds prose against the evidence, sentence by sentence: numbers have to exist, and quotes have to stand where they are cited. */
export function checkProse(text: string, grounds: Grounds, rules: ProseRules): CheckedProse {
  const checked: CheckedProse = { sentences: [], grounded: 0, dropped: 0, cites: [] };
  for (const sentence of sentencesOf(text)) {
    if (checked.sentences.length === MAX_SENTENCES) break;
    const numbers = [...sentence.matchAll(/\[(\d{1,3})\]/g)].map(([, number]) => Number(number));
    const said = numbers.every(grounds.carries)
      ? checkSentence(sentence, numbers, grounds, rules)
      : undefined;
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

/** Quotes that stand in the evidence stay as they are; everything else has to be the model's own words. */
function checkSentence(
  sentence: string,
  cited: readonly number[],
  grounds: Grounds,
  rules: ProseRules,
): string | undefined {
  const quotes: string[] = [];
  let holds = true;
  const without = sentence.replace(QUOTE, (_, quote: string) => {
    const where = cited.length > 0 ? cited : grounds.numbers;
    // A word or two in quotes is a manner of speaking.
    const isName = sameText(quote).split(" ").length < 3;
    const stands = where.some((number) => grounds.carries(number) && grounds.holds(number, quote));
    if (!stands && !isName) holds = false;
    quotes.push(stands ? `"${cleaned(quote)}"` : "");
    return stands ? `\u0001${quotes.length - 1}\u0001` : quote;
  });
  if (!holds) return undefined;
  const marked = without.replaceAll("\u0001", "§");
  const own = ownWords(marked, grounds, rules);
  return own?.replace(/§(\d+)§/g, (mark, at: string) => quotes[Number(at)] ?? mark);
}

/** One sentence after the other; line breaks and marks of lists end one too. */
export function sentencesOf(text: string): string[] {
  return cleaned(text)
    .split(/\n+/)
    .map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)]|#{1,6})\s+/, "").replace(/\*\*|__/g, ""))
    .flatMap((line) => line.split(/(?<=[.!?…](?:\s?\[\d+\])*)\s+(?=[\p{Lu}"[(])/u))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}
