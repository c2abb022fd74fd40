/** How much a platform takes, as data. Every number is in `adapters/x/limits.ts` beside the page that states it. */
export interface Limits {
  titleChars: number;
  /** Of one paragraph, heading, detail, fact, caption or cell. */
  textChars: number;
  /** Of all lines of one log block or item together. */
  logChars: number;
  blocks: number;
  facts: number;
  items: number;
  tableRows: number;
  progressSteps: number;
  links: number;
  buttons: number;
  buttonLabelChars: number;
  altChars: number;
  /** Of the whole card. */
  totalChars: number;
  /** What a literal text costs once it is escaped for this platform. At least one per UTF-16 unit. */
  cost(text: string): number;
}

/** The longest start of `text` that costs at most `max`, ending in "…" when it is not all of it. */
export function clip(text: string, max: number, cost: (text: string) => number): string {
  if (cost(text) <= max) return text;
  const ellipsis = cost("…");
  // Escaping is per character, so the cost of a start is monotone and can be searched by halves.
  let low = 0;
  let high = Math.min(text.length, max);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (cost(text.slice(0, middle)) + ellipsis <= max) low = middle;
    else high = middle - 1;
  }
  const splitsPair = low > 0 && /[\uD800-\uDBFF]/.test(text.charAt(low - 1));
  return `${text.slice(0, splitsPair ? low - 1 : low)}…`;
}
