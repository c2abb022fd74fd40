import { isFrameStart, isValue, isVariable } from "./changing.ts";
import { HAS_LETTER, IS_KEY, SPACED } from "./marks.ts";
import type { Tokens } from "./token.ts";
import { tokensOf } from "./tokens.ts";
import { PROSE } from "./vocabulary.ts";
import { imul } from "./wordHash.ts";

const WILDCARD = "<*>";

/** A message says what it says within so many words; the rest is payload. */
const TEMPLATE_WORDS = 200;
/** As much as the longest entry has: brackets and dots alone make no words, so words cannot bound the time. */
const READ_CHARS = 256_000;

/** What a place of a template holds: one or several words that change, or a token's number with what follows it. */
const CHANGING = -1;
const ALONE = 0;
/** `error=`, whose value is told as words. */
const OPEN_KEY = 1;
/** `retries=<*>` */
const CLOSED_KEY = 2;
const SUFFIXES = ["", "=", `=${WILDCARD}`];

/** One for all messages, filled anew by each. */
const places = new Int32Array(TEMPLATE_WORDS);

/**
 * The message with everything that changes from one occurrence to the next as `<*>`, for people.
 * docs/decisions/fingerprint.md tells what was tried and measured.
 */
export function templateOf(text: string): string {
  const tokens = tokensOf(text, Math.min(text.length, READ_CHARS));
  const words: string[] = [];
  const count = normalise(tokens);
  for (let i = 0; i < count; i++) {
    const place = places[i] as number;
    if (place === CHANGING) words.push(WILDCARD);
    else {
      const token = place >> 2;
      const word = text.slice(tokens.starts[token], tokens.ends[token]);
      words.push(word + SUFFIXES[place & 3]);
    }
  }
  return words.join(" ");
}

/** The two halves of a signature, each of 32 bits. */
export const signature = new Int32Array(2);

/**
 * Sets `signature` to a hash of the message's template, without the template: two texts of one template have one
 * signature in every process and year. Two lanes of MurmurHash3's mixing (https://github.com/aappleby/smhasher), each over
 * its own hash of each word.
 */
export function signText(text: string): void {
  const tokens = tokensOf(text, Math.min(text.length, READ_CHARS));
  const count = normalise(tokens);
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    const place = places[i] as number;
    const token = place >> 2;
    const suffix = place & 3;
    low = mixed(low, place === CHANGING ? CHANGING : (tokens.hashes[token] as number) + suffix);
    high = mixed(high, place === CHANGING ? CHANGING : (tokens.otherHashes[token] as number) + suffix);
  }
  signature[0] = finished(low ^ count);
  signature[1] = finished(high ^ imul(count, 0x85ebca6b));
}

function mixed(lane: number, word: number): number {
  const spread = imul(word, 0xcc9e2d51);
  const turned = lane ^ imul((spread << 15) | (spread >>> 17), 0x1b873593);
  return (imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(lane: number): number {
  let hash = imul(lane ^ (lane >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/**
 * Decides what of a message changes. Stateless on purpose: a template learnt from other lines (as Drain's) would give one
 * message two fingerprints, one before a restart and one after it.
 * @returns how many places are set
 */
function normalise(tokens: Readonly<Tokens>): number {
  const { count, marks, known } = tokens;
  let set = 0;
  let wild = false;
  for (let i = 0; i < count && set < TEMPLATE_WORDS; i++) {
    const mark = marks[i] as number;
    // Never on the first line, which is the message: `at Mon Jul 18 it began`.
    const isFrame = i > 1 && (mark & SPACED) !== 0 && isFrameStart(tokens, i - 1);
    if (!isFrame && (isValue(tokens, i) || isVariable(tokens, i))) {
      if (!wild) places[set++] = CHANGING;
      wild = true;
    } else if ((mark & HAS_LETTER) === 0) {
      // Punctuation.
    } else if ((mark & IS_KEY) !== 0) {
      places[set++] = (i << 2) | (((known[i] as number) & PROSE) !== 0 ? OPEN_KEY : CLOSED_KEY);
      wild = true;
    } else {
      places[set++] = (i << 2) | ALONE;
      wild = false;
    }
  }
  return set;
}
