import { cleaned } from "./redaction/clean.ts";
import { type Mark, plainMark } from "./redaction/mark.ts";
import { OWN_KEY_KIND } from "./redaction/ownKeys.ts";
import { type Pattern, replacePatterns } from "./redaction/patterns.ts";
import { redactWith } from "./redaction/rules.ts";

export interface Redaction {
  /**
   * Replaces secrets and personal data with typed placeholders such as `<redacted:jwt>`. What is not
   * redacted stays as it was. Redacting twice changes nothing more, up to 12,288 characters; of a longer text not all that
   * may hold a secret is read, and what is not becomes `<redacted:unread>`. The time is linear in the text: below 20 ms for
   * a megabyte.
   */
  redact(text: string): string;
  /**
   * A text fit to keep and to show: without control, colour, bidirectional and zero-width characters,
   * redacted, then cut to `maxChars` (UTF-16 units, the mark "… (+N characters)" included) by whole code points.
   */
  sampleOf(text: string, maxChars?: number): string;
}

export interface RedactionOptions {
  /** What a tenant wants to see although a rule takes it for a secret; LogHunter's own keys are shown to nobody. */
  allowed?: readonly Pattern[];
  /** What a tenant wants to have redacted although no rule knows it. */
  extra?: readonly Pattern[];
  /** Whether the same secret has the same number wherever it stands (`<redacted:jwt#1>`), for as long as this lives. */
  isNumbered?: boolean;
}

export function createRedaction({
  allowed = [],
  extra = [],
  isNumbered = false,
}: RedactionOptions): Redaction {
  const numbered = isNumbered ? createNumbering() : plainMark;
  const mark: Mark =
    allowed.length === 0
      ? numbered
      : (kind, value) =>
          kind !== OWN_KEY_KIND && allowed.some((pattern) => pattern.isWhole(value))
            ? value
            : numbered(kind, value);
  const redact = (text: string) => redactWith(replacePatterns(text, extra, mark), mark);
  return { redact, sampleOf: (text, maxChars) => sampleWith(redact, text, maxChars) };
}

/** What every tenant has at least: all that is stored, posted and sent to a model has gone through it. */
export const { redact, sampleOf }: Redaction = createRedaction({});

/** Numbers secrets as they come. What is written in several ways is one: telephones, cards, accounts, addresses. */
function createNumbering(): Mark {
  const numbers = new Map<string, number>();
  return (kind, value) => {
    const same = LOOSE.has(kind) ? value.replace(/[^\p{L}\d@]/gu, "").toLowerCase() : value;
    const number = numbers.get(same) ?? numbers.size + 1;
    numbers.set(same, number);
    return `<redacted:${kind}#${number}>`;
  };
}

const LOOSE = new Set(["phone", "card", "iban", "email", "ssn"]);

/** Beyond that much a text is cut before it is redacted, so that the time stays bounded. */
const READ_CHARS = 6_144;
/** How far back from there a border between words is looked for. */
const BORDER_CHARS = 2_048;

function sampleWith(redact: (text: string) => string, text: string, maxChars = 2_000): string {
  const read = beginning(text, READ_CHARS + 2 * maxChars);
  const redacted = redact(cleaned(read));
  if (redacted.length <= maxChars && read.length === text.length) return redacted;
  const unread = text.length - read.length;
  // Two rounds: the mark's own length depends on the number in it.
  let kept = wholeCodePoints(redacted, maxChars - cutMark(redacted.length + unread).length);
  if (kept === "") kept = wholeCodePoints(redacted, maxChars);
  const left = redacted.length - kept.length + unread;
  const mark = cutMark(left);
  return kept.length + mark.length <= maxChars ? kept + mark : kept;
}

function cutMark(characters: number): string {
  return `… (+${characters} characters)`;
}

/** The text's beginning, cut where white space stands, so that no token at the edge is half read. */
function beginning(text: string, chars: number): string {
  if (text.length <= chars) return text;
  for (let at = chars; at > chars - BORDER_CHARS; at--) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 32 || code === 9) return text.slice(0, at);
  }
  // One token longer than the distance: what shows of the text is far before it.
  return text.slice(0, chars - BORDER_CHARS);
}

function wholeCodePoints(text: string, units: number): string {
  if (units <= 0) return "";
  if (text.length <= units) return text;
  const code = text.charCodeAt(units - 1);
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? units - 1 : units);
}
