import { type EvidenceItem, evidenceItems, textsOf } from "../../evidence/items.ts";
import type { Pack } from "../../evidence/pack.ts";
import type { LookedUp } from "../lookUp.ts";
import { addressesReader } from "./hostile.ts";
import { createRuns, type Runs, sameText, wordsOf } from "./words.ts";

/** What claims are held against. */
export interface Grounds {
  pack: Pack;
  /** Of everything that may be cited. */
  numbers: readonly number[];
  /** The item of that number; undefined where there is none. */
  item(number: number): EvidenceItem | undefined;
  /** Whether a claim may rest on it: it exists, and it does not speak to whoever reads it. */
  carries(number: number): boolean;
  /** Whether the quote stands in that item; an empty one stands anywhere. */
  holds(number: number, quote: string): boolean;
  /** Runs of words that come from logs and not from whoever answers. */
  echoes: Echoes;
}

export interface Echoes {
  /** Five words in a row of any text of the evidence: more than a phrase that everybody uses. */
  ofLogs: Runs;
  /** Two telling ones of a text that speaks to its reader: nothing of it is to be said again. */
  ofHostile: Runs;
  /** Two words in a row of any text: where a command is looked at. */
  ofCommands: Runs;
  /** Eight of what the model was told. */
  ofPrompt: Runs;
}

/** Words that make no statement, whoever says them. */
const COMMON = new Set(
  "a an and are as at be been by for from had has have in into is it its not of on or root cause service services that the their then this to was were which with".split(
    " ",
  ),
);

/** Two words of which one at least is no everyday one, and none a service's name. */
function isTelling(run: readonly string[], names: ReadonlySet<string>): boolean {
  return run.every((word) => !COMMON.has(word) && !names.has(word));
}

/** Shorter quotes stand somewhere by chance. */
const MIN_QUOTE_CHARS = 4;

/**
 * @param told the texts that the model was given beside the evidence: nobody is to read them in an answer
 * @param lookedUp what was found for questions about it, by the numbers that follow those of the pack
 */
export function groundsOf(pack: Pack, told: readonly string[], lookedUp: readonly LookedUp[] = []): Grounds {
  const items = evidenceItems(pack);
  const texts = items.map((item) => textsOf(item).filter((text) => text !== ""));
  for (const { number, lines } of lookedUp) texts[number - 1] = [...lines];
  const same = texts.map((all) => all.map(sameText));
  const hostile = texts.map((all) => all.some(addressesReader));
  // What was found before is nobody's log: a cause that comes again is said again in the same words.
  const ofLogs = texts.filter((_, at) => items[at]?.kind !== "past").flat();
  const names = new Set(items.flatMap(({ service }) => wordsOf(service).map(({ word }) => word)));
  return {
    pack,
    item: (number) => items[number - 1],
    numbers: texts.map((_, at) => at + 1),
    carries: (number) => hostile[number - 1] === false,
    holds(number, quote) {
      const wanted = sameText(quote);
      if (wanted === "") return true;
      if (wanted.length < MIN_QUOTE_CHARS) return false;
      return (same[number - 1] ?? []).some((text) => text.includes(wanted));
    },
    echoes: {
      ofLogs: createRuns(ofLogs, 5),
      ofHostile: createRuns(texts.filter((_, at) => hostile[at]).flat(), 2, (run) => isTelling(run, names)),
      ofCommands: createRuns(ofLogs, 2),
      ofPrompt: createRuns(told, 8),
    },
  };
}
