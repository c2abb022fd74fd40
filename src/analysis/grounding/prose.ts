import { cleaned } from "../../logs/redaction/clean.ts";
import { redact as redactAsAll } from "../../logs/redaction.ts";
import { withoutCode } from "./codeSpans.ts";
import { RUNS_WHAT_NOBODY_READS, readsAsCommand } from "./commands.ts";
import type { Grounds } from "./evidence.ts";
import { withoutForeignLinks } from "./links.ts";
import { plainMarks, quotedIn } from "./marks.ts";
import { numbersIn } from "./numbers.ts";
import { wordsOf } from "./words.ts";

/** A sentence with fewer words of its own says nothing. */
const LEAST_WORDS = 3;

export interface ProseRules {
  maxChars: number;
  allowedHosts: readonly string[];
  /** Takes out secrets: a model may know one, or put one together. Absent: as everybody's are. */
  redact?(text: string): string;
}

/**
 * A model's own words as they may be shown, and quotes of evidence in them as they are. Marks of code go: what is to be copied has a
 * field of its own.
 * @param cited the numbers that the sentence rests on; none: any
 * @returns undefined where it quotes what stands in none of them, rests on what nothing may rest on, or has a command in it that may
 * not be shown; and where its own words may not be
 */
export function ownWordsAndQuotes(
  text: string,
  cited: readonly number[],
  grounds: Grounds,
  rules: ProseRules,
): string | undefined {
  const where = cited.length > 0 ? cited : grounds.numbers;
  const plain = withoutCode(plainMarks(read(text).replaceAll("§", "")), {
    mayBeShown: (command) => ownCommand(command, grounds) !== undefined,
    isFromLogs: grounds.echoes.ofCommands,
  });
  if (plain === undefined || !numbersIn(plain).every(grounds.carries)) return undefined;
  const quotes: string[] = [];
  let marked = "";
  let at = 0;
  for (const { from, to, quote } of quotedIn(plain)) {
    const stands = where.some((number) => grounds.carries(number) && grounds.holds(number, quote));
    const isName = isNameOnly(quote, plain.slice(0, from + 1));
    if (!stands && !isName) return undefined;
    // Quotes are shown as code: a command of a log would be one to copy.
    if (readsAsCommand(quote) && (stands || ownCommand(quote, grounds) === undefined)) return undefined;
    // Taken out, it would part the words around it, and a copy would be none any more.
    if (isName) continue;
    quotes.push(`"${withoutForeignLinks(cleaned(quote), rules.allowedHosts)}"`);
    marked += `${plain.slice(at, from)}§${quotes.length - 1}§`;
    at = to;
  }
  const own = ownWords(marked + plain.slice(at), grounds, rules);
  const whole = own?.replace(/§(\d+)§/g, (mark, index: string) => quotes[Number(index)] ?? mark);
  return whole === undefined ? undefined : cutTo(whole, rules.maxChars);
}

/**
 * A word or two in quotes is a manner of speaking; so are three in single ones where nothing is said to say them (the state 'idle in
 * transaction').
 */
function isNameOnly(quote: string, before: string): boolean {
  const words = wordsOf(quote).length;
  return words < 3 || (words === 3 && before.endsWith("'") && !SAYS.test(before.slice(-60)));
}

const SAYS =
  /\b(?:say|said|log|read|report|writ|wrote|tell|told|states\b|stated|show|answer|claim|print|return|complain|message|error|line|warn|quot)\w{0,8}\W{1,4}(?:\w{1,20}\W{1,3}){0,2}'$/i;

/**
 * One paragraph, without what was copied from logs (that stands in the evidence, where it is seen to be a log's) and without links to
 * elsewhere. undefined where nothing of its own is left, and where any of it comes from a line that speaks to its reader or from what
 * the model was told: half of an order is still one.
 */
function ownWords(
  text: string,
  grounds: Grounds,
  { allowedHosts, redact = redactAsAll }: ProseRules,
): string | undefined {
  const { ofLogs, ofHostile, ofPrompt, isCopy, hasMark } = grounds.echoes;
  const said = read(text);
  const bare = said.replace(/\[\d+\]/g, " ");
  if (hasMark(said) || isCopy(bare)) return undefined;
  if ([ofPrompt, ofHostile].some((runs) => runs.findIn(bare).length > 0)) return undefined;
  // Links first: cut in two, an address is none any more and keeps its host.
  const unlinked = withoutForeignLinks(said, allowedHosts);
  const copied = ofLogs.findIn(unlinked);
  const own = without(unlinked, copied);
  const copiedWords = copied.reduce((sum, { from, to }) => sum + wordsOf(unlinked.slice(from, to)).length, 0);
  const ownCount = wordsOf(own.replace(/\[\d+\]/g, " ")).length;
  if (ownCount < LEAST_WORDS || ownCount < copiedWords) return undefined;
  return redact(own.replace(/(?:…\s{0,4}){2,}/g, "… ").trim());
}

/** More than is ever shown need not be read. */
const READ_CHARS = 4_000;

function read(text: string): string {
  return cleaned(text.slice(0, READ_CHARS)).replace(/\s+/g, " ").trim();
}

/** Cut by whole characters; a quote that is cut ends where it is cut. */
export function cutTo(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  let kept = "";
  for (const char of text) {
    if (kept.length + char.length > maxChars - 2) break;
    kept += char;
  }
  return `${kept}…${(kept.match(/"/g) ?? []).length % 2 === 1 ? '"' : ""}`;
}

export { numbersIn, withoutNumbers } from "./numbers.ts";

/** A command as it may be shown to be copied: undefined where a log, or what the model was told, has had any part in it. */
export function ownCommand(text: string, grounds: Grounds): string | undefined {
  if (text.length > 2 * MAX_COMMAND_CHARS) return undefined;
  const command = cleaned(text).normalize("NFKC").replace(/\s+/g, " ").trim();
  // A backtick would end the code that it is shown as.
  if (command === "" || command.length > MAX_COMMAND_CHARS || command.includes("`")) return undefined;
  const { ofCommands, ofLogs, ofHostile, hostileWords, ofPrompt, isCopy, hasMark } = grounds.echoes;
  const isSaid =
    isCopy(command) ||
    [ofLogs, ofHostile, hostileWords, ofPrompt].some((runs) => runs.findIn(command).length > 0);
  const runsWhatItReads = FETCHES.test(command) || RUNS_WHAT_NOBODY_READS.test(command);
  return ofCommands(command) || isSaid || hasMark(command) || runsWhatItReads ? undefined : command;
}

/** Whoever is told to fetch something from somewhere is told so by the logs or by nobody. */
const FETCHES = /[a-z][a-z0-9+.-]{1,12}:\/\/|\beval\b|\bbase64\b|[<$]\(|\b(?:nc|ncat|curl|wget|scp|ftp)\s/i;

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
