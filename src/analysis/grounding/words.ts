import { neutral } from "../prompt/neutral.ts";

/** A word of a text and where it stands there. */
interface Word {
  word: string;
  from: number;
  to: number;
}

/** Letters and digits, lower case: what is left of a text when only its words matter. Where no spaces part words, each character is one. */
export function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)].map((match) => ({
    word: match[0].toLowerCase(),
    from: match.index,
    to: match.index + match[0].length,
  }));
}

const UNSPACED = "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}";
const WORD = new RegExp(`[${UNSPACED}]|(?:(?![${UNSPACED}])[\\p{L}\\p{N}_])+`, "gu");

/** Runs of words of some texts, to be found again in others. */
export interface Runs {
  /** Parts of a text that are runs of at least so many words of those texts, as they stand there, in order. */
  findIn(text: string): { from: number; to: number }[];
}

export interface RunRules {
  /** Words in a row that make a run. */
  length: number;
  /** Passed over, there and here: a run goes on behind them. */
  passes?: ReadonlySet<string>;
  /** Whether a run of so many tells anything. */
  counts?: (words: readonly string[]) => boolean;
}

export function createRuns(
  texts: readonly string[],
  { length, passes = NO_WORDS, counts = () => true }: RunRules,
): Runs {
  const telling = (text: string) => wordsOf(text).filter(({ word }) => !passes.has(word));
  const known = new Set<string>();
  for (const text of texts) {
    const words = telling(neutral(text)).map(({ word }) => word);
    for (let at = 0; at + length <= words.length; at++) {
      const run = words.slice(at, at + length);
      if (counts(run)) known.add(run.join(" "));
    }
  }
  return {
    findIn(text) {
      const words = telling(text);
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

const NO_WORDS: ReadonlySet<string> = new Set();

/** Whether a text stands in one of these, word for word and whole. */
export function createCopies(texts: readonly string[]): (text: string) => boolean {
  const inWords = (text: string) =>
    ` ${wordsOf(text)
      .map(({ word }) => word)
      .join(" ")} `;
  const all = texts.map((text) => inWords(neutral(text)));
  return (text) => {
    const wanted = inWords(text);
    return wanted.trim() !== "" && all.some((one) => one.includes(wanted));
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
