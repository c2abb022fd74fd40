import { type EvidenceItem, evidenceItems, textsOf } from "../../evidence/items.ts";
import type { Pack } from "../../evidence/pack.ts";
import type { LookedUp } from "../lookUp.ts";
import { type CommandEchoes, createCommandEchoes } from "./commands.ts";
import { addressesReader } from "./hostile.ts";
import { createCopies, createRuns, type Runs, sameText, wordsOf } from "./words.ts";

/** What claims are held against. */
export interface Grounds {
  pack: Pack;
  /** Of everything that may be cited. */
  numbers: readonly number[];
  /** The item of that number; undefined where there is none. */
  item(number: number): EvidenceItem | undefined;
  /** What stands in it; empty where there is none. */
  textsOf(number: number): readonly string[];
  /** Whether a claim may rest on it: it exists, and it does not speak to whoever reads it. */
  carries(number: number): boolean;
  /** Whether the quote stands in that item; an empty one stands anywhere. */
  holds(number: number, quote: string): boolean;
  /** Runs of words that come from logs and not from whoever answers. */
  echoes: Echoes;
}

export interface Echoes {
  /** Six words in a row of any text of the evidence: more than a phrase that everybody uses, such as "timed out after 3000 ms". */
  ofLogs: Runs;
  /** Two telling ones of a text that speaks to its reader, unless others say them too: nothing of it is to be said again. */
  ofHostile: Runs;
  /** Words that nothing but such a text says. */
  hostileWords: Runs;
  /** Whether any text has had a part in a command, also what was found before and what people said of that: anybody may say it. */
  ofCommands: CommandEchoes;
  /** Six of what the model was told. */
  ofPrompt: Runs;
  /** Whether a text is nothing but a part of a log's, or of what the model was told. */
  isCopy(text: string): boolean;
  /** Whether there is a mark in it by which what the model was told is known, such as the word around the evidence. */
  hasMark(text: string): boolean;
}

/** Words that make no statement, whoever says them. */
const COMMON = new Set(
  "a an and are as at be been by for from had has have in into is it its not of on or root cause service services that the their then this to was were which with".split(
    " ",
  ),
);

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
  // What was found before is nobody's log: a cause that comes again is said again in the same words. A command is not.
  const all = texts.filter((_, at) => items[at]?.kind !== "past").flat();
  const names = new Set(items.flatMap(({ service }) => wordsOf(service).map(({ word }) => word)));
  const spoken = texts.filter((_, at) => hostile[at]).flat();
  const ordinary = texts.filter((_, at) => !hostile[at]).flat();
  const saidByOthers = createRuns(ordinary, { length: 2, passes: COMMON });
  const wordsOfOthers = new Set(ordinary.flatMap((text) => wordsOf(text).map(({ word }) => word)));
  const marks = told
    .flatMap((text) => (/\s/.test(text) ? (text.match(MARK) ?? []) : text))
    .map((mark) => mark.toLowerCase());
  const isCopy = createCopies([...all, ...told.map((text) => text.replaceAll(MAY_BE_SAID, " ~ "))]);
  return {
    pack,
    item: (number) => items[number - 1],
    numbers: texts.map((_, at) => at + 1),
    textsOf: (number) => texts[number - 1] ?? [],
    carries: (number) => hostile[number - 1] === false,
    holds(number, quote) {
      const wanted = sameText(quote);
      if (wanted === "") return true;
      if (wanted.length < MIN_QUOTE_CHARS) return false;
      return (same[number - 1] ?? []).some((text) => text.includes(wanted));
    },
    echoes: {
      ofLogs: createRuns(all, { length: 6 }),
      ofHostile: createRuns(spoken, {
        length: 2,
        passes: COMMON,
        counts: (run) =>
          !run.every((word) => names.has(word)) && saidByOthers.findIn(run.join(" ")).length === 0,
      }),
      hostileWords: createRuns(spoken, {
        length: 1,
        passes: COMMON,
        counts: ([word = ""]) => word.length > 3 && !names.has(word) && !wordsOfOthers.has(word),
      }),
      ofCommands: createCommandEchoes(texts.flat()),
      ofPrompt: createRuns(told, { length: 6 }),
      isCopy,
      hasMark: (text) => marks.some((mark) => text.toLowerCase().includes(mark)),
    },
  };
}

/** Words with digits or joints in them are no everyday ones: what a model is told is known by them. */
const MARK = /(?=[\w-]*[\d_])[A-Za-z][\w-]{9,}/g;
/** What the model is told to say. */
const MAY_BE_SAID = /not visible in these logs/gi;
