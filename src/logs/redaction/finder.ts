import {
  ANY,
  automatonOf,
  COLUMN,
  CONTROL,
  DIGIT,
  FOREIGN,
  isLetter,
  isOfWord,
  ODD,
  OF_WORD,
  type Sought,
  STATE,
  WIDTH_BITS,
} from "./automaton.ts";
import { unitsOf } from "./units.ts";

export interface Found {
  /** Those of all texts found. */
  bits: number;
  /** The most digits in a row, with at most one blank, hyphen or dot between two of them. */
  digitsInRow: number;
  /** A run of 50 to 52 letters, digits, underscores and hyphens, as long as Bitcoin's keys and Mailgun's are. */
  hasKeyRun: boolean;
  /** One of 23 to 28 before a dot, as Discord's tokens begin. */
  hasTokenRun: boolean;
  /** A run of 32 stands between two colons. */
  hasDigest: boolean;
  /** Two letters and two digits begin a word somewhere. */
  hasIban: boolean;
  /** A control character other than a tab or the end of a line. */
  hasControl: boolean;
  /** A character beyond ASCII, such as a letter of another language. */
  hasForeign: boolean;
  /** One that stands for something in ASCII, or that is not seen. */
  hasOdd: boolean;
}

const BLANK = 32;
const HYPHEN = 45;
const DOT = 46;
const COLON = 58;
/** As many characters as MD4 and MD5 have in hex. */
const DIGEST = 32;

/**
 * Finds all of many texts in one pass, by the automaton of Aho and Corasick ("Efficient string matching: an aid to
 * bibliographic search", CACM 18, 1975) with every transition worked out.
 * The finder reads no further once the bits are enough, where somebody says what is.
 * @returns what was found, until the next call
 */
export function createFinder(
  sought: readonly Sought[],
): (text: string, isEnough?: (bits: number) => boolean) => Readonly<Found> {
  const { kinds, rows, conditional, sure, open, needed } = automatonOf(sought);
  const found: Found = {
    bits: 0,
    digitsInRow: 0,
    hasKeyRun: false,
    hasTokenRun: false,
    hasDigest: false,
    hasIban: false,
    hasControl: false,
    hasForeign: false,
    hasOdd: false,
  };
  return (text, isEnough) => {
    let state = 0;
    let bits = 0;
    let inRow = 0;
    let digitsInRow = 0;
    let isAfterDigit = false;
    let run = 0;
    let hasKeyRun = false;
    let hasTokenRun = false;
    let hasDigest = false;
    let hasIban = false;
    let kindsMet = 0;
    const units = unitsOf(text);
    const length = text.length;
    for (let i = 0; i < length; i++) {
      const code = units[i] as number;
      const kind = kinds[code] as number;
      kindsMet |= kind;
      const reached = rows[(state << WIDTH_BITS) | (kind & COLUMN)] as number;
      state = reached & STATE;
      if (reached !== state) {
        let more = sure[state] as number;
        if (((open[state] as number) & ~bits) !== 0) {
          const next = i + 1 < length ? (kinds[units[i + 1] as number] as number) : 0;
          if (((next | ANY) & (needed[state] as number)) !== 0)
            more |= bitsOf(conditional[state] as readonly Sought[], units, i + 1, length);
        }
        if ((more & ~bits) !== 0) {
          bits |= more;
          if (isEnough?.(bits)) break;
        }
      }
      if ((kind & OF_WORD) !== 0) {
        run++;
        if ((kind & DIGIT) !== 0) {
          isAfterDigit = true;
          if (++inRow > digitsInRow) digitsInRow = inRow;
          if (run === 4 && !hasIban) hasIban = beginsIban(units, i - 3);
          continue;
        }
      } else if (run > 0) {
        if (run >= 50 && run <= 52) hasKeyRun = true;
        if (code === DOT && run >= 23 && run <= 28) hasTokenRun = true;
        if (code === COLON && run === DIGEST && i > run && units[i - run - 1] === COLON) hasDigest = true;
        run = 0;
      }
      if (inRow === 0) continue;
      if (!isAfterDigit || (code !== BLANK && code !== HYPHEN && code !== DOT)) inRow = 0;
      isAfterDigit = false;
    }
    if (run >= 50 && run <= 52) hasKeyRun = true;
    found.bits = bits;
    found.digitsInRow = digitsInRow;
    found.hasKeyRun = hasKeyRun;
    found.hasTokenRun = hasTokenRun;
    found.hasDigest = hasDigest;
    found.hasIban = hasIban;
    found.hasControl = (kindsMet & CONTROL) !== 0;
    found.hasForeign = (kindsMet & (FOREIGN | ODD)) !== 0;
    found.hasOdd = (kindsMet & ODD) !== 0;
    return found;
  };
}

/** `AB12`, whose last is known to be a digit. */
function beginsIban(units: Uint16Array, at: number): boolean {
  const third = units[at + 2] as number;
  return isLetter(units[at] as number) && isLetter(units[at + 1] as number) && third >= 48 && third <= 57;
}

function bitsOf(ends: readonly Sought[], units: Uint16Array, end: number, length: number): number {
  const next = end < length ? (units[end] as number) : 0;
  let bits = 0;
  for (let i = 0; i < ends.length; i++) {
    const each = ends[i] as Sought;
    if (each.follow !== undefined && !isFollowed(each.follow, next)) continue;
    const before = end - each.text.length - 1;
    if (!each.isAtStart || before < 0 || !isOfWord(units[before] as number)) bits |= each.bits;
  }
  return bits;
}

/** @param code 0 behind the text */
function isFollowed(follow: "letter-or-hyphen" | "no-small-letter", code: number): boolean {
  if (follow === "no-small-letter") return !(code >= 97 && code <= 122);
  return code === HYPHEN || isLetter(code);
}
