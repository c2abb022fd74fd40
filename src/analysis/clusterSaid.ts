import type { RankedCluster } from "../evidence/pack.ts";
import { addressesReader } from "./grounding/hostile.ts";
import { withoutForeignLinks } from "./grounding/links.ts";
import { headline, PLACEHOLDER } from "./words.ts";

/**
 * What the lines of a cluster say, in one line. Where there is one line only, what stands in the places of its template is what that
 * line has there; where there are more they differ, and one of them would stand for what it is not.
 */
export function saidBy({
  template,
  sample,
  count,
}: Pick<RankedCluster, "template" | "sample" | "count">): string {
  return headline((count === 1 ? filled(template, sample) : undefined) ?? template);
}

/** What a line says, unless it says it to whoever reads it: that stands in the evidence and is nobody's finding. */
export function quoted({ template, sample }: RankedCluster, maxChars?: number): string {
  return addressesReader(template) || addressesReader(sample)
    ? "lines that address whoever reads them, which count as nothing but lines"
    : `"${withoutForeignLinks(headline(template, maxChars), [])}"`;
}

/** A template's line with the words of a sample in its places; undefined where the two cannot be laid side by side. */
function filled(template: string, sample: string): string | undefined {
  const words = (template.split("\n", 1)[0] ?? "").split(" ");
  let at = 0;
  const told: string[] = [];
  for (const [i, word] of words.entries()) {
    if (word !== PLACEHOLDER) {
      const found = sample.indexOf(word, at);
      if (found < 0) return undefined;
      at = found + word.length;
      told.push(word);
      continue;
    }
    const next = words[i + 1];
    const end = next === undefined ? sample.length : sample.indexOf(next, at);
    const value = end < 0 ? undefined : ONE_WORD.exec(sample.slice(at, end))?.[1];
    if (value === undefined) return undefined;
    told.push(value);
  }
  return told.join(" ");
}

/** One word, with whatever marks stand around it. */
const ONE_WORD = /^[^\p{L}\p{N}]{0,4}(\S{1,60}?)[^\p{L}\p{N}]{0,4}$/u;
