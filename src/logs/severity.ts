import type { Level } from "./source.ts";

const WORDS: ReadonlyMap<string, Level> = new Map([
  ["error", "ERROR"],
  ["warn", "WARN"],
  ["warning", "WARN"],
  ["info", "INFO"],
  ["debug", "DEBUG"],
  ["fatal", "FATAL"],
]);

/** The level a word of any case names, where it names one. */
export function levelOfWord(word: string): Level | undefined {
  return WORDS.get(word.toLowerCase());
}
