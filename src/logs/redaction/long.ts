import { hasHint, hintsOf } from "./hints.ts";
import { HINT } from "./hintTexts.ts";

/** Longer texts are read in pieces, so that the time they take has a limit. */
export const WHOLE_CHARS = 12_288;
/** Most of most texts hints at nothing, which takes less time to see of more at once. */
const STRETCH_CHARS = 4_096;
const PIECE_CHARS = 1_024;
/** How far back from there a border between words is looked for. */
const BORDER_CHARS = 256;
/** How much around a piece says what is in it: the name of a key, the beginning of a statement. */
const CONTEXT_CHARS = 256;
/** What follows the beginning of a private key: the longest that is in use has 8,192 bits. */
const PEM_CHARS = 6_500;
/** How many characters the rules read, which take up to 100 times as long as looking for hints does. */
const READ_CHARS = 8_192;

/**
 * Redacts a text of any length in a time that grows with it only as looking at each character once does. Pieces that hint
 * at nothing stay; of the others so many are read by the rules, and what is left is replaced whole, because nobody
 * can say what is in it.
 * @param redactWhole the rules
 */
export function redactLong(text: string, redactWhole: (text: string) => string): string {
  let out = "";
  let done = 0;
  let readable = READ_CHARS;
  let stretchEnd = 0;
  for (let from = 0; from < text.length; ) {
    if (from >= stretchEnd) {
      stretchEnd = pieceEnd(text, from, STRETCH_CHARS);
      if (!hasHint(around(text, from, stretchEnd))) {
        from = stretchEnd;
        continue;
      }
      if (readable === 0) {
        out += text.slice(done, from);
        if (!out.endsWith(UNREAD)) out += UNREAD;
        done = from = stretchEnd;
        continue;
      }
    }
    const to = pieceEnd(text, from);
    const hints = hintsIn(text, from, to);
    if (hints === 0) {
      from = to;
      continue;
    }
    const begin = Math.max(done, from - CONTEXT_CHARS);
    const end = hintingEnd(text, to, hints, from + readable);
    out += text.slice(done, begin);
    const read = Math.min(end, from + readable);
    out += read > from ? redactWhole(text.slice(begin, read)) : text.slice(begin, from);
    if (read < end && !out.endsWith(UNREAD)) out += UNREAD;
    readable -= read - from;
    done = from = end;
  }
  return out + text.slice(done);
}

const UNREAD = " <redacted:unread> ";

/** Where the pieces end that have to be read with the first: those that hint at something too, and one more. */
function hintingEnd(text: string, to: number, hints: number, limit: number): number {
  let end = to;
  let pemEnd = hasPem(text, to, hints) ? pemEndOf(text, to) : 0;
  for (let isHinted = true; (isHinted || end < pemEnd) && end < Math.min(text.length, limit); ) {
    const next = pieceEnd(text, end);
    const found = hintsIn(text, end, next);
    isHinted = found !== 0;
    if (!isHinted && end >= pemEnd && next > limit) break;
    if (hasPem(text, next, found)) pemEnd = pemEndOf(text, next);
    end = next;
  }
  return end;
}

/** Where a private key begins in the piece that ends there: a text with characters that stand for others hints at anything. */
function hasPem(text: string, to: number, hints: number): boolean {
  return (
    (hints & HINT.pem) !== 0 &&
    text.slice(Math.max(0, to - PIECE_CHARS), to + CONTEXT_CHARS).includes("-----")
  );
}

function pemEndOf(text: string, to: number): number {
  const close = text.slice(to, to + PEM_CHARS).indexOf("-----END");
  return to + (close < 0 ? PEM_CHARS : close);
}

function hintsIn(text: string, from: number, to: number): number {
  return hintsOf(around(text, from, to));
}

function around(text: string, from: number, to: number): string {
  return text.slice(Math.max(0, from - CONTEXT_CHARS), to + CONTEXT_CHARS);
}

function pieceEnd(text: string, from: number, chars = PIECE_CHARS): number {
  const end = from + chars;
  if (end >= text.length) return text.length;
  for (let at = end; at > end - BORDER_CHARS; at--) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 32 || code === 9) return at;
  }
  return end;
}
