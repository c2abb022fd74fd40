/** One word of a typed line; quotes of either kind, `"` or a backtick, keep several together. */
export interface Word {
  /** Without the quotes around it, or around what follows its `key:`. */
  text: string;
  /** As it stands in the line. */
  typed: string;
  /** In quotes from its start: literal, whatever it looks like. */
  quoted: boolean;
  start: number;
  /** The white space before it. */
  gap: string;
}

/**
 * A quote at the start that is never closed runs to the end of the line. Further on in a word quotes and
 * backticks keep together what is between them, as in `{app="my shop"}`, and stay.
 */
const WORD = /(?:[A-Za-z]+:)?"[^"]*$|(?:"[^"]*"|`[^`]*`|\S)+/g;
const QUOTED = /^([A-Za-z]+:)?(?:"([^"]*)"?|`([^`]*)`)$/;

export function splitWords(line: string): Word[] {
  let end = 0;
  return [...line.matchAll(WORD)].map(({ 0: typed, index: start }) => {
    const [whole, key = "", inner, between = ""] = QUOTED.exec(typed) ?? [];
    const gap = line.slice(end, start);
    end = start + typed.length;
    const text = whole === undefined ? typed : key + (inner ?? between);
    return { text, typed, quoted: whole !== undefined && key === "", start, gap };
  });
}

/** What some adapters put behind an `@` or a backtick so that no platform makes anything of it; copied lines bring it back. */
const UNSEEN = "\u200b";

/** The words themselves: those in quotes without them, all others as they stand. */
export function literalWords(typed: string): string[] {
  return splitWords(typed.replaceAll(UNSEEN, "")).map((word) => (word.quoted ? word.text : word.typed));
}

/** How a value is typed so that it stays one word, after a `key:` or alone. */
export function quoted(value: string): string {
  // What follows may hold quotes of its own, which must not close one that stands open in the value.
  const [word] = splitWords(`${value} " \``);
  const isOneWord = word?.typed === value && word.text === value;
  return isOneWord ? value : inQuotes(value);
}

/** In quotes of the kind that the value does not hold. Of one that holds both, the double ones are left out. */
export function inQuotes(value: string): string {
  return value.includes('"') && !value.includes("`") ? `\`${value}\`` : `"${value.replaceAll('"', "")}"`;
}
