import { cleaned, hasHidden, withoutHidden } from "./redaction/clean.ts";
import { redactColumns } from "./redaction/columns.ts";
import { HINT, hintsOf } from "./redaction/hints.ts";
import { redactKeyed } from "./redaction/keyed.ts";
import { KEY_HINT } from "./redaction/keyNames.ts";
import { redactLong, WHOLE_CHARS } from "./redaction/long.ts";
import { redactPersonal } from "./redaction/personal.ts";
import { redactPlaces } from "./redaction/places.ts";
import { redactPem, redactShapes } from "./redaction/shapes.ts";

/**
 * Replaces secrets and personal data with typed placeholders such as `<redacted:jwt>`. What is not
 * redacted stays as it was. Redacting twice changes nothing more, up to WHOLE_CHARS; of a longer text not all that may hold
 * a secret is read, and what is not becomes `<redacted:unread>`. The time is linear in the text: below 20 ms for a megabyte.
 */
export function redact(text: string): string {
  return text.length <= WHOLE_CHARS ? redactWhole(text) : redactLong(text, redactWhole);
}

function redactWhole(text: string): string {
  const hints = hintsOf(text);
  const once = settled(text, hints);
  if ((hints & HINT.hidden) === 0 || !hasHidden(text)) return once;
  // Colours and zero-width characters may stand between a key and its value, or inside either: if the text
  // without them holds a secret, the text loses them.
  const plain = withoutHidden(text);
  const redacted = settled(plain, hintsOf(plain));
  return redacted === plain && once === text ? text : redacted;
}

const PLACES =
  HINT.url | HINT.command | HINT.sentence | HINT.link | HINT.prose | HINT.digest | HINT.cookie | HINT.beside;
const PERSONAL = HINT.at | HINT.called | HINT.ssn | HINT.phone | HINT.card | HINT.iban;

/** What is tried in turn, each only where the text hints at it. */
const STEPS: readonly { hints: number; redacted: (text: string, hints: number) => string }[] = [
  { hints: HINT.pem, redacted: redactPem },
  { hints: HINT.shape, redacted: redactShapes },
  { hints: PLACES, redacted: redactPlaces },
  { hints: HINT.key, redacted: redactNamed },
  { hints: PERSONAL, redacted: redactPersonal },
];

/** One rule's placeholder can complete another's pattern, so the rules run until nothing changes. */
function settled(text: string, hinted: number): string {
  let out = text;
  let hints = hinted;
  for (let round = 0; round < 4; round++) {
    const before = out;
    for (const { hints: wanted, redacted } of STEPS) {
      if ((hints & wanted) === 0) continue;
      const after = redacted(out, hints);
      if (after === out) continue;
      out = after;
      hints = hintsOf(out);
    }
    if (out === before) break;
  }
  return out;
}

function redactNamed(text: string): string {
  return KEY_HINT.test(text) ? redactKeyed(redactColumns(text)) : text;
}

/** Beyond that much a text is cut before it is redacted, so that the time stays bounded. */
const READ_CHARS = 12_288;
/** How far back from there a border between words is looked for. */
const BORDER_CHARS = 2_048;

/**
 * A text fit to keep and to show: without control, colour, bidirectional and zero-width characters,
 * redacted, then cut to `maxChars` (UTF-16 units, the mark "… (+N characters)" included) by whole code points.
 */
export function sampleOf(text: string, maxChars = 2_000): string {
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
