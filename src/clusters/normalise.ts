import { type Token, tokensOf } from "../logs/tokens.ts";

const WILDCARD = "<*>";

/** A message says what it says within so many words; the rest is payload. */
const TEMPLATE_WORDS = 200;
/** As much as the longest entry has: brackets and dots alone make no words, so words cannot bound the time. */
const READ_CHARS = 256_000;
/** Nothing that long is a word. */
const LONGEST_WORD = 128;
/** Wildcards run together, so more words than the template keeps may have to be read. */
const WORDS_READ = 2_000;

/**
 * The message with everything that changes from one occurrence to the next as `<*>`, for people and
 * for the fingerprint. Stateless on purpose: a template learnt from other lines (as Drain's) would
 * give one message two fingerprints, one before a restart and one after it.
 * docs/decisions/fingerprint.md tells what was tried and measured.
 */
export function templateOf(text: string): string {
  const tokens = tokensOf(text.slice(0, READ_CHARS), WORDS_READ);
  const words: string[] = [];
  let wild = false;
  for (let i = 0; i < tokens.length && words.length < TEMPLATE_WORDS; i++) {
    const token = tokens[i] as Token;
    // Never on the first line, which is the message: `at Mon Jul 18 it began`.
    const frame = i > 1 && token.spaced && isFrame(tokens[i - 1]);
    const changes = !frame && (isValue(tokens, i) || isVariable(tokens, i));
    const word = changes ? WILDCARD : token.text;
    if (!changes && !hasLetter(word)) continue;
    if (token.isKey && !changes) {
      words.push(isProse(token.text) ? `${word}=` : `${word}=${WILDCARD}`);
      wild = true;
      continue;
    }
    if (changes && wild) continue;
    words.push(word);
    wild = changes;
  }
  return words.join(" ");
}

/** `at Orders.place` at the start of a line: a stack frame as clusterText writes it, kept whole. */
function isFrame(token: Token | undefined): boolean {
  return token?.startsLine === true && token.text === "at";
}

/** `k=v` and `k:v`; a value in words after one of the keys that hold sentences stays. */
function isValue(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i] as Token;
  if (token.valueBy === undefined || token.valueBy === ": ") return false;
  // `ruser= rhost=x`: the first is empty, the second is no value but a key.
  if (token.isKey && token.spaced) return false;
  if (isErrorName(token.text)) return false;
  const key = tokens[i - 1];
  if (key === undefined) return false;
  return !(isProse(key.text) || isErrorName(key.text));
}

function isVariable(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i] as Token;
  const { text } = token;
  if (isErrorName(text)) return false;
  if (hasVariableShape(text) || CONSTANTS.has(text)) return true;
  const next = tokens[i + 1];
  const last = tokens[i - 1];
  if (text.length === 1 && next?.valueBy === undefined) return !ARTICLES.has(text) || ends(token, next);
  // `LOCAL(0)`, `CPU(3)`: which one of several.
  if (next?.called && next.closed && isNumeric(next.text) && isUpper(text)) return true;
  if (CALENDAR.has(text)) return [last, next].some((other) => isNumeric(other?.text) || isCalendar(other));
  return last !== undefined && isNamedBy(last, token, next);
}

/** Whether the words around it say that a word is the name of somebody or something. */
function isNamedBy(last: Token, token: Token, next: Token | undefined): boolean {
  const { text } = token;
  if (UNITS.has(text) && isDigit(last.text.charCodeAt(last.text.length - 1))) return true;
  if (token.called && token.closed && !token.isKey) return !isErrorName(last.text);
  if (!token.spaced || token.isKey) return false;
  if (token.valueBy === ": " && token.quoted) return !(isProse(last.text) || isErrorName(last.text));
  if (last.closed || (token.opened && !token.quoted)) return false;
  // `connect to redis:6379`, where `index:0` is a key and its value.
  if (next?.valueBy === ":" && isNumeric(next.text))
    return PREPOSITIONS.has(last.text) || isErrorName(last.text);
  // `getaddrinfo ENOTFOUND redis-master`
  if (isErrorName(last.text) && isUpper(last.text)) return token.valueBy === undefined && ends(token, next);
  if (NAMED.has(last.text.toLowerCase()) && !STATES.has(text)) {
    return ends(token, next) || PREPOSITIONS.has(next?.text ?? "");
  }
  return last.text === "for" && (ACCOUNTS.has(text) || (next?.text === "from" && !token.closed));
}

function ends(token: Token, next: Token | undefined): boolean {
  return token.closed || next === undefined || next.opened;
}

const CONSTANTS = new Set(["true", "false", "True", "False", "null", "NULL", "nil", "None"]);
/** Single letters that are words. */
const ARTICLES = new Set(["a", "A", "I"]);
const NAMED = new Set(["user", "username", "account", "host", "hostname", "node", "server", "pod"]);
/** What is said of a user or host rather than its name. */
const STATES = new Set([
  "not",
  "is",
  "was",
  "has",
  "unknown",
  "unreachable",
  "down",
  "up",
  "offline",
  "online",
  "locked",
  "disabled",
  "and",
  "or",
  "name",
  "id",
  "request",
  "error",
  "failed",
]);
const PREPOSITIONS = new Set([
  "from",
  "by",
  "on",
  "at",
  "to",
  "in",
  "with",
  "for",
  "via",
  "is",
  "was",
  "has",
  "not",
]);
const ACCOUNTS = new Set(["root", "admin", "administrator", "guest", "nobody"]);
const UNITS = new Set([
  "B",
  "KB",
  "MB",
  "GB",
  "TB",
  "KiB",
  "MiB",
  "GiB",
  "bytes",
  "ns",
  "us",
  "ms",
  "s",
  "sec",
]);
const CALENDAR = new Set([
  "Mon",
  "Tue",
  "Wed",
  "Thu",
  "Fri",
  "Sat",
  "Sun",
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
  "UTC",
  "GMT",
  "CET",
  "CEST",
  "EST",
  "EDT",
  "PST",
  "PDT",
]);
/** Keys whose value is a sentence: what it says is what happened. */
const PROSE = new Set([
  "error",
  "err",
  "msg",
  "message",
  "reason",
  "cause",
  "exception",
  "detail",
  "description",
]);

function isProse(key: string): boolean {
  return PROSE.has(key.toLowerCase());
}

/** `TypeError`, `java.io.IOException`, `S3Exception`, `ECONNREFUSED`, `EAI_AGAIN`. */
function isErrorName(text: string): boolean {
  if (text.length > 120) return false;
  if (text.endsWith("Error") || text.endsWith("Exception") || text.endsWith("Fault")) {
    return /^[\w$.]+$/.test(text) && /^[A-Z]/.test(text.slice(text.lastIndexOf(".") + 1));
  }
  return /^(?:E[A-Z][A-Z_]{2,}|E2BIG)$/.test(text);
}

/** A token with a digit, slash, at sign, or a dot between letters; a long run of hex letters. */
function hasVariableShape(text: string): boolean {
  if (text.length > LONGEST_WORD) return true;
  let hex = text.length >= 8;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isDigit(code) || code === 47 || code === 92 || code === 64) return true;
    if (code === 46 && i > 0 && i < text.length - 1) return true;
    const lower = code | 32;
    if (lower < 97 || lower > 102) hex = false;
  }
  return hex;
}

function hasLetter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 128 || ((code | 32) >= 97 && (code | 32) <= 122)) return true;
  }
  return false;
}

function isNumeric(text: string | undefined): boolean {
  return isDigit(text?.charCodeAt(0) ?? 0);
}

function isCalendar(token: Token | undefined): boolean {
  return CALENDAR.has(token?.text ?? "");
}

function isUpper(text: string): boolean {
  return /^[A-Z_]+$/.test(text);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
