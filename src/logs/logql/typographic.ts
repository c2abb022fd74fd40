/** What chat clients, phones and word processors make of `"`, of `'`, and of a space. */
const DOUBLE = /["“”„‟«»″＂]/;
const SINGLE = /[‘’‚‛′]/;
const SPACE = /[\u00a0\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]/;
const CURLY = new RegExp(`(?!")${DOUBLE.source}|${SINGLE.source}|${SPACE.source}`, "g");

/**
 * Readings of a query with plain quotes in place of typographic ones, the likelier first; the query itself where it has none.
 * Each character stays in its place, so that the places of errors are those of what was typed.
 */
export function straightened(text: string): [outside: string, everywhere: string] {
  return [outsideOfTexts(text), text.replace(CURLY, plain)];
}

function plain(char: string): string {
  if (DOUBLE.test(char)) return '"';
  return SINGLE.test(char) ? "'" : " ";
}

/** A text in plain quotes may well hold curly ones, and a text in curly quotes ends at the next one. */
function outsideOfTexts(text: string): string {
  let made = "";
  let closing: RegExp | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (closing === undefined) {
      if (char === '"' || char === "`") closing = char === '"' ? /"/ : /`/;
      else if (DOUBLE.test(char)) closing = DOUBLE;
      made += plainOr(char);
    } else if (char === "\\" && closing.source !== "`") {
      made += text.slice(at, at + 2);
      at++;
    } else if (closing.test(char)) {
      made += char === "`" ? char : '"';
      closing = undefined;
    } else {
      made += char;
    }
  }
  return made;
}

function plainOr(char: string): string {
  return char.search(CURLY) < 0 ? char : plain(char);
}
