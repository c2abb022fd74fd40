import { neutral } from "../prompt/neutral.ts";

/** A word of a text and where it stands there. */
interface Word {
  word: string;
  from: number;
  to: number;
}

/** Letters and digits, lower case: what is left of a text when only its words matter. */
export function wordsOf(text: string): Word[] {
  return [...text.matchAll(/[\p{L}\p{N}_]+/gu)].map((match) => ({
    word: match[0].toLowerCase(),
    from: match.index,
    to: match.index + match[0].length,
  }));
}

/** Runs of words of some texts, to be found again in others. */
export interface Runs {
  /** Parts of a text that are runs of at least so many words of those texts, as they stand there, in order. */
  findIn(text: string): { from: number; to: number }[];
}

/**
 * @param length words in a row that make a run
 * @param counts whether a run of so many tells anything
 */
export function createRuns(
  texts: readonly string[],
  length: number,
  counts: (words: readonly string[]) => boolean = () => true,
): Runs {
  const known = new Set<string>();
  for (const text of texts) {
    const words = wordsOf(neutral(text)).map(({ word }) => word);
    for (let at = 0; at + length <= words.length; at++) {
      const run = words.slice(at, at + length);
      if (counts(run)) known.add(run.join(" "));
    }
  }
  return {
    findIn(text) {
      const words = wordsOf(text);
      const found: { from: number; to: number }[] = [];
      for (let at = 0; at + length <= words.length; at++) {
        const run = words.slice(at, at + length);
        if (!known.has(run.map(({ word }) => word).join(" "))) continue;
        const from = (run[0] as Word).from;
        const to = (run.at(-1) as Word).to;
        const last = found.at(-1);
        if (last !== undefined && from <= last.to) last.to = to;
        else found.push({ from, to });
      }
      return found;
    },
  };
}

/** The same text as far as a reader can tell: white space, quotes and case aside. */
export function sameText(text: string): string {
  return neutral(text)
    .replace(/[“”„«»]/g, '"')
    .replace(/[‘’`]/g, "'")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
}
