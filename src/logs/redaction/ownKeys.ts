/** Between the parts of a key, also in an address and in mark-up. */
const BAR = "(?:_|%5[Ff]|\\\\_)";

/**
 * LogHunter's own API keys (src/keys/apiKey.ts), also cut off behind the first character of the secret, and as base64. Nothing
 * else begins like them, so they are found behind anything: `%22lh_…` in an address.
 */
export const OWN_KEY = `(?:[Ll][Hh]${BAR}[0-9A-Za-z]{22}(?:${BAR}[0-9A-Za-z]+)+|bGhf[0-9A-Za-z+/_-]{36,}={0,2})`;

const PATTERN = new RegExp(OWN_KEY, "g");

/** What it is called where one stood. */
export const OWN_KEY_KIND = "loghunter-key";

/** Whether somebody has put an API key into it. */
export function holdsOwnKey(text: string): boolean {
  return text.search(PATTERN) >= 0;
}

/** The text with API keys taken out, and nothing else: for what says itself what is wrong with a text. */
export function withoutOwnKeys(text: string): string {
  return text.replace(PATTERN, `<redacted:${OWN_KEY_KIND}>`);
}
