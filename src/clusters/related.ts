import { isDeed, tellApart } from "./tellingWords.ts";

const WILDCARD = "<*>";
/** Of four words one may be another, of eight two; never more than three, since those would be two sentences. */
const WORDS_PER_DIFFERENCE = 4;
const MOST_DIFFERENCES = 3;
/** Fewer words than these say too little to be alike by, unless they say what is done: `removing chargen`. */
const LEAST_SHARED = 3;
/** A template has no more: `normalise.ts`. */
const MOST_WORDS = 200;

/**
 * How much alike two templates are: the part of their words that are the same in the same place, from 0 to 1. The measure is
 * simSeq of Drain (He, Zhu, Zheng and Lyu, ICWS 2017, equation 1), and other than there a wildcard in both says nothing.
 * @returns undefined where they are not related: equal, of different lengths, with too many words changed, or with one changed
 * that says what happened.
 */
export function similarityOf(a: string, b: string): number | undefined {
  return compared(wordsOf(a), wordsOf(b))?.similarity;
}

function compared(
  a: readonly string[],
  b: readonly string[],
): { similarity: number; differences: number } | undefined {
  if (a.length !== b.length) return undefined;
  const most = differencesOf(a.length);
  let shared = 0;
  const different: number[] = [];
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) {
      if (different.push(i) > most) return undefined;
    } else if (a[i] !== WILDCARD) shared++;
  }
  if (different.length === 0 || different.length > differencesOf(shared + different.length)) return undefined;
  if (shared < LEAST_SHARED && !(a[0] === b[0] && isDeed(a[0] as string))) return undefined;
  if (different.some((i) => tellApart(a[i] as string, b[i] as string))) return undefined;
  return { similarity: shared / (shared + different.length), differences: different.length };
}

function differencesOf(words: number): number {
  return Math.min(MOST_DIFFERENCES, Math.max(1, Math.floor(words / WORDS_PER_DIFFERENCE)));
}

/** Without the word that a cut went through, and the mark that the cut left. */
function wordsOf(template: string): string[] {
  return template
    .replace(/\S*… \(\+\d+ characters\)$/, "")
    .split(/\s+/, MOST_WORDS)
    .filter((word) => word !== "");
}

export interface Likeness<Item> {
  item: Item;
  similarity: number;
}

/** Templates that one is compared with: what thousands that share a part cost is bounded by it. */
const MOST_COMPARED = 32;
const MOST_FOUND = 3;

/**
 * Finds related templates without comparing each with each. Of two that differ in k words and are cut into k + 1 parts, one part is
 * the same in both (the pigeonhole principle), so only those that share a part are compared, the rarest part's first.
 */
export function createRelatedIndex<Item>() {
  const entries: { words: string[]; item: Item }[] = [];
  const byPart = new Map<string, number[]>();
  return {
    add(template: string, item: Item): void {
      const words = wordsOf(template);
      const at = entries.push({ words, item }) - 1;
      for (const part of partsOf(words)) {
        const same = byPart.get(part);
        if (same === undefined) byPart.set(part, [at]);
        else same.push(at);
      }
    },
    /** The most alike first, those added first before others. */
    find(template: string): Likeness<Item>[] {
      const words = wordsOf(template);
      const found: Likeness<Item>[] = [];
      const groups = partsOf(words).map((part) => byPart.get(part) ?? []);
      const seen = new Set<number>();
      let nearest = 0;
      for (const at of rarestFirst(groups)) {
        // Three that differ in one word are alike enough.
        if (seen.size === MOST_COMPARED || nearest === MOST_FOUND) break;
        if (seen.has(at)) continue;
        seen.add(at);
        const { words: others, item } = entries[at] as (typeof entries)[number];
        const alike = compared(words, others);
        if (alike === undefined) continue;
        found.push({ item, similarity: alike.similarity });
        if (alike.differences === 1) nearest++;
      }
      return found.sort((a, b) => b.similarity - a.similarity).slice(0, MOST_FOUND);
    },
  };
}

/** A part of a rare name says more than one that thousands begin with. */
function* rarestFirst(groups: number[][]): Generator<number> {
  for (const group of groups.sort((a, b) => a.length - b.length)) yield* group;
}

function partsOf(words: readonly string[]): string[] {
  const count = Math.min(words.length, differencesOf(words.length) + 1);
  return Array.from({ length: count }, (_, part) => {
    const [from, to] = [part, part + 1].map((at) => Math.floor((at * words.length) / count));
    return `${words.length} ${part} ${words.slice(from, to).join(" ")}`;
  });
}
