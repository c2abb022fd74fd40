import { cleaned } from "../../logs/redaction/clean.ts";
import { isCommandWord } from "./destructive.ts";
import type { Grounds } from "./evidence.ts";
import { withoutForeignLinks } from "./links.ts";
import { wordsOf } from "./words.ts";

/** A sentence with fewer words of its own says nothing. */
const LEAST_WORDS = 3;

export interface ProseRules {
  maxChars: number;
  allowedHosts: readonly string[];
}

/**
 * A model's own words as they may be shown: one paragraph, without what it copied from logs (that stands in the evidence, where it
 * is seen to be a log's) and without links to elsewhere. undefined where nothing of its own is left, and where any of it comes from
 * a line that speaks to its reader or from what the model was told: half of an order is still one.
 */
export function ownWords(
  text: string,
  grounds: Grounds,
  { maxChars, allowedHosts }: ProseRules,
): string | undefined {
  const { ofLogs, ofHostile, ofPrompt, isCopy, hasMark } = grounds.echoes;
  // More than is ever shown need not be read.
  const said = cleaned(text.slice(0, READ_CHARS)).replace(/\s+/g, " ").trim();
  const bare = said.replace(/\[\d+\]/g, " ");
  if (hasMark(said) || isCopy(bare)) return undefined;
  if ([ofPrompt, ofHostile].some((runs) => runs.findIn(bare).length > 0)) return undefined;
  // Links first: cut in two, an address is none any more and keeps its host.
  const unlinked = withoutForeignLinks(said, allowedHosts);
  const copied = ofLogs.findIn(unlinked);
  const own = without(unlinked, copied);
  const shown = own.replace(/(?:…\s*){2,}/g, "… ").trim();
  const copiedWords = copied.reduce((sum, { from, to }) => sum + wordsOf(unlinked.slice(from, to)).length, 0);
  const ownCount = wordsOf(own.replace(/\[\d+\]/g, " ")).length;
  if (ownCount < LEAST_WORDS || ownCount < copiedWords) return undefined;
  return shown.length <= maxChars
    ? shown
    : `${Array.from(shown)
        .slice(0, maxChars - 1)
        .join("")}…`;
}

const READ_CHARS = 4_000;

const QUOTE = /["“]([^"“”\n]{1,300})["”]/g;

/**
 * The same, and quotes of evidence in it stay as they are.
 * @param cited the numbers that the sentence rests on; none: any
 * @returns undefined also where it quotes what stands in none of them, or rests on what nothing may rest on
 */
export function ownWordsAndQuotes(
  text: string,
  cited: readonly number[],
  grounds: Grounds,
  rules: ProseRules,
): string | undefined {
  const where = cited.length > 0 ? cited : grounds.numbers;
  if (!numbersIn(text).every(grounds.carries)) return undefined;
  const quotes: string[] = [];
  let holds = true;
  const marked = text.replaceAll("§", "").replace(QUOTE, (_, quote: string) => {
    // A word or two in quotes is a manner of speaking.
    const isName = wordsOf(quote).length < 3;
    const stands = where.some((number) => grounds.carries(number) && grounds.holds(number, quote));
    if (!stands && !isName) holds = false;
    if (!stands) return quote;
    quotes.push(`"${withoutForeignLinks(cleaned(quote), rules.allowedHosts)}"`);
    return `§${quotes.length - 1}§`;
  });
  if (!holds) return undefined;
  return ownWords(marked, grounds, rules)?.replace(
    /§(\d+)§/g,
    (mark, at: string) => quotes[Number(at)] ?? mark,
  );
}

const NUMBERS = /\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]/g;

/** Evidence numbers that a text names as such: `[3]`, `[1, 4]`, `evidence 3`. */
export function numbersIn(text: string): number[] {
  const named = [...text.matchAll(/\bevidence\s+(?:item\s+|number\s+|no\.?\s*)?#?(\d+)/gi)].map(
    ([, number]) => number ?? "",
  );
  const bracketed = (text.match(NUMBERS) ?? []).flatMap((mark) => mark.match(/\d+/g) ?? []);
  return [...bracketed, ...named].map(Number);
}

/** Where code puts the numbers. */
export function withoutNumbers(text: string): string {
  return text.replace(NUMBERS, "").replace(/\s+(?=[.,;:]|$)/g, "");
}

/** A command as it may be shown to be copied: undefined where a log, or what the model was told, has had any part in it. */
export function ownCommand(text: string, grounds: Grounds): string | undefined {
  if (text.length > 2 * MAX_COMMAND_CHARS) return undefined;
  const command = cleaned(text)
    .replace(/\s*\n\s*/g, " ")
    .trim();
  // A backtick would end the code that it is shown as.
  if (command === "" || command.length > MAX_COMMAND_CHARS || command.includes("`")) return undefined;
  const { ofCommands, ofLogs, ofHostile, hostileWords, ofPrompt, isCopy, hasMark } = grounds.echoes;
  const copied = ofCommands.findIn(command);
  const isFromLogs = copied.some(({ from, to }) =>
    wordsOf(command.slice(from, to)).some(({ word }) => isCommandWord(word)),
  );
  const isSaid =
    isCopy(command) ||
    [ofLogs, ofHostile, hostileWords, ofPrompt].some((runs) => runs.findIn(command).length > 0);
  return isFromLogs || isSaid || hasMark(command) || RUNS_WHAT_IT_READS.test(command) ? undefined : command;
}

/** Whoever is told to fetch something from somewhere, or to run what nobody can read, is told so by the logs or by nobody. */
const RUNS_WHAT_IT_READS =
  /\b[a-z][a-z0-9+.-]{1,12}:\/\/|\|\s*(?:sudo\s+)?(?:\S*\/)?(?:ba|z|da|k)?sh\b|\|\s*(?:sudo\s+)?(?:python|perl|ruby|node|php)\d?\b|\beval\b|\bbase64\b|[<$]\(|\/dev\/(?:tcp|udp)\/|\b(?:nc|ncat|curl|wget|scp|ftp)\s/i;

const MAX_COMMAND_CHARS = 300;

function without(text: string, parts: readonly { from: number; to: number }[]): string {
  let left = "";
  let at = 0;
  for (const { from, to } of parts) {
    left += `${text.slice(at, from)}…`;
    at = to;
  }
  return left + text.slice(at);
}
