/**
 * About how many steps a regular expression has once its repetitions are written out: `(ab|c){100}` has some 300.
 * RE2 is linear in the text, but in this number too: it is what a pattern of a few characters can make large.
 * Not exact for `\Q…\E`, which is rare, and of no meaning where the pattern is wrong.
 */
export function regexSize(pattern: string): number {
  const outer: number[] = [];
  let size = 0;
  let last = 0;
  for (let at = 0; at < pattern.length; ) {
    PIECE.lastIndex = at;
    const [piece = pattern.charAt(at), least, most] = PIECE.exec(pattern) ?? [];
    at += piece.length;
    if (piece === "(") {
      outer.push(size);
      size = 0;
      last = 0;
    } else if (piece === ")") {
      last = size + 1;
      size = (outer.pop() ?? 0) + last;
    } else if (least === undefined) {
      last = 1;
      size += last;
    } else {
      const times = Math.max(Number(least), Number(most || 0), 1);
      size += last * (times - 1);
      last *= times;
    }
  }
  return size + outer.length;
}

/**
 * What counts as one: an escape, a class, a repetition, or a character. A class that is never closed reaches to the end: looking
 * for its end again from each bracket in it took half a minute for `[:[:[:…` of 5,000 characters.
 */
const PIECE =
  /\\(?:[pPx]\{[^}]*\}|[\s\S])|\[\^?\]?(?:\\[\s\S]|\[:\^?\w{1,10}:\]|[^\]\\])*(?:\]|\\?$)|\{(\d+)(?:,(\d*))?\}|[\s\S]/y;
