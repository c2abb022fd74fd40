/** Text as it is seen: what would be invisible, reorder its neighbours or forge a line gets a visible stand-in. */
export function withStandIns(text: string): string {
  // Most texts have nothing of the kind, and a card is measured by this function many times.
  return NEEDS_ONE.test(text) ? text.replace(EACH, standIn) : text;
}

/**
 * Control characters but tab and newline; U+2028, U+2029; the bidirectional controls and marks that make text read
 * differently from what it is (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters); lone
 * surrogates, which neither JSON in UTF-8 nor a URL-encoded request can carry.
 */
const EACH =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;
const NEEDS_ONE = new RegExp(EACH.source, "u");

function standIn(char: string): string {
  const code = char.charCodeAt(0);
  // U+2400 begins the pictures of the control characters: ␀ ␛ ␍.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}
