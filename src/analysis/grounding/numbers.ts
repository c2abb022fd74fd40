/** Evidence numbers in brackets, however they are parted: `[3]`, `[1, 4]`, `[1 4]`, `[#1/4]`, `[evidence 3]`. */
const NUMBERS =
  /\[(?:\s{0,4}(?:evidence|items?|numbers?|no\.?)\b)?(?=[^\]\d\n]{0,12}\d)[\s\d,;/&+|#.:–—-]{1,60}(?:and[\s\d#]{1,12})?\]/gi;
/** A time of day or a stretch of one is no number of evidence. */
const TIME = /\d:\d/;
const COUNTED =
  "(?:lines?|times|errors?|requests?|retries|more|others?|ms|s|m|h|min|minutes?|seconds?|hours?|%)";
const LIST = `(\\d{1,9}(?!\\d)(?:\\s{0,2}(?:,|;|/|&|-|–|and|or|to)\\s{0,2}#?\\d{1,9}(?!\\d|[.:]\\d|\\s{0,2}${COUNTED}(?![\\w]))){0,12})`;
/** By the word: `evidence 3`, `evidence: 3`, `evidence items #3 and 4`. */
const NAMED = new RegExp(
  `\\bevidence\\s{0,4}(?:items?\\s{0,4}|numbers?\\s{0,4}|no\\.?\\s{0,4})?[:=(#]{0,2}\\s{0,4}#?${LIST}`,
  "gi",
);
/** By what is said of them: `(3)` alone may be an exit code, what something rests on is evidence. */
const RESTED_ON = new RegExp(
  `\\b(?:rests?\\s{1,4}on|see(?:\\s{1,4}also)?|cf\\.?|per|according\\s{1,4}to|shown\\s{1,4}(?:by|in)|seen\\s{1,4}in|based\\s{1,4}on|supported\\s{1,4}by|as\\s{1,4}in|cited?\\s{1,4}as)\\s{1,4}(?:the\\s{1,4})?(?:(?:items?|numbers?|no\\.?)\\s{1,4}[(#]{0,2}|[(#]{1,2})\\s{0,4}#?${LIST}`,
  "gi",
);

/** Evidence numbers that a text with plain marks names as such. What is no whole number is none there is. */
export function numbersIn(text: string): number[] {
  const bracketed = (text.match(NUMBERS) ?? []).filter((mark) => !TIME.test(mark));
  const named = [NAMED, RESTED_ON].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, list = ""]) => list),
  );
  return [...new Set([...bracketed, ...named].flatMap(numbersOf))];
}

function numbersOf(list: string): number[] {
  return (list.match(/(?<![\d.])-?\d+(?:\.\d+)*/g) ?? []).map(Number);
}

/** Where code puts the numbers. */
export function withoutNumbers(text: string): string {
  return text
    .replace(NUMBERS, (mark) => (TIME.test(mark) ? mark : ""))
    .replace(/\s+/g, " ")
    .replace(/ (?=[.,;:]|$)/g, "");
}
