/** Marks of quotes in the languages that have their own, and in dresses. ASCII's own are what is left. */
const QUOTES =
  /[«»„“”‟❝❞〝〞〟「」『』]|(?<!`)``(?!`)|(?<!')''(?=[\p{L}\p{N}])|(?<=[\p{L}\p{N}][.,]?)''(?!')/gu;
const SINGLE_QUOTES = /[‘’‚‛′´](?![\p{L}\p{N}])|(?<![\p{L}\p{N}])[‘’‚‛′´]/gu;
const BRACKETS: Readonly<Record<string, string>> = Object.fromEntries(
  ["【[", "】]", "〔[", "〕]", "〖[", "〗]", "〘[", "〙]", "⟦[", "⟧]", "❲[", "❳]", "⁅[", "⁆]"].map((pair) => [
    ...pair,
  ]),
);
const BRACKET = new RegExp(`[${Object.keys(BRACKETS).join("")}]`, "gu");

/** A text whose quotes, brackets and digits are those that checks look for, whatever their dress; all else stays as it is. */
export function plainMarks(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/(?![0-9])\p{Nd}/gu, digitOf)
    .replace(BRACKET, (bracket) => BRACKETS[bracket] ?? bracket)
    .replace(QUOTES, '"')
    .replace(SINGLE_QUOTES, "'");
}

/** Decimal digits stand in tens in Unicode, from zero on. */
function digitOf(char: string): string {
  const plain = char.normalize("NFKC");
  if (/^[0-9]$/.test(plain)) return plain;
  const code = char.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return String(value);
}

/** A part of a text that is given as somebody else's words. */
export interface Quoted {
  from: number;
  to: number;
  quote: string;
}

/**
 * What stands in quotes in a text with plain marks, in order. One that is never closed goes to the end, one that is never opened
 * begins behind the one before; an apostrophe is none.
 */
export function quotedIn(text: string): Quoted[] {
  const marks = [...text.matchAll(/"/g)].map(({ index }) => index);
  const found: Quoted[] = [];
  for (let at = 0; at + 1 < marks.length; at += 2)
    found.push(quoted(text, marks[at] as number, (marks[at + 1] as number) + 1));
  const last = marks.length % 2 === 1 ? marks.at(-1) : undefined;
  if (last !== undefined) {
    const isClosing = /\S/.test(text[last - 1] ?? " ") && !/[\p{L}\p{N}]/u.test(text[last + 1] ?? " ");
    const before = marks.at(-2);
    // What is between two pairs is quoted by the one that is too many.
    found.push(
      isClosing
        ? quoted(text, before === undefined ? 0 : before + 1, last + 1)
        : quoted(text, last, endOfWords(text)),
    );
  }
  const free = (from: number, to: number) => !found.some((one) => from < one.to && to > one.from);
  found.push(...inApostrophes(text).filter(({ from, to }) => free(from, to)));
  return found.sort((a, b) => a.from - b.from);
}

/** Citations behind the last words are nobody's quote. */
function endOfWords(text: string): number {
  return text.length - (/(?:\s?\[[\d\s,;]{1,40}\]|[\s.!?])*$/.exec(text.slice(-80))?.[0].length ?? 0);
}

function quoted(text: string, from: number, to: number): Quoted {
  return { from, to, quote: text.slice(from, to).replace(/^["']|["']$/g, "") };
}

/** 'So', but not the clients' and the server's. */
function inApostrophes(text: string): Quoted[] {
  const found: Quoted[] = [];
  let from: number | undefined;
  for (const { index } of text.matchAll(/'/g)) {
    const before = text[index - 1] ?? " ";
    const after = text[index + 1] ?? " ";
    if (from === undefined) {
      const opens = !/[\p{L}\p{N}]/u.test(before) && /\S/.test(after);
      if (opens && !/^'(?:\d|(?:tis|twas|em|til|cause|n|round)\b)/i.test(text.slice(index, index + 8)))
        from = index;
    } else if (/\S/.test(before) && !/[\p{L}\p{N}]/u.test(after)) {
      found.push(quoted(text, from, index + 1));
      from = undefined;
    }
  }
  return found;
}
