import { hasHidden, withoutHidden } from "./clean.ts";
import { redactColumns } from "./columns.ts";
import { hintsOf } from "./hints.ts";
import { HINT } from "./hintTexts.ts";
import { redactKeyed } from "./keyed.ts";
import { KEY_HINT } from "./keyNames.ts";
import { redactLong, WHOLE_CHARS } from "./long.ts";
import type { Mark } from "./mark.ts";
import { redactPersonal } from "./personal.ts";
import { redactPlaces } from "./places.ts";
import { redactPem, redactShapes } from "./shapes.ts";

/** Puts marks in the place of all secrets that any rule finds. */
export function redactWith(text: string, mark: Mark): string {
  return text.length <= WHOLE_CHARS
    ? redactWhole(text, mark)
    : redactLong(text, (piece) => redactWhole(piece, mark));
}

function redactWhole(text: string, mark: Mark): string {
  const hints = hintsOf(text);
  if ((hints & HINT.hidden) === 0 || !hasHidden(text)) return settled(text, hints, mark);
  // Colours and zero-width characters may stand between a key and its value, or inside either: if the text
  // without them holds a secret, the text loses them.
  const plain = withoutHidden(text);
  const redacted = settled(plain, hintsOf(plain), mark);
  return redacted === plain && settled(text, hints, mark) === text ? text : redacted;
}

const PLACES =
  HINT.url | HINT.command | HINT.sentence | HINT.link | HINT.prose | HINT.digest | HINT.cookie | HINT.beside;
const PERSONAL = HINT.at | HINT.called | HINT.ssn | HINT.phone | HINT.card | HINT.iban;

/** What is tried in turn, each only where the text hints at it. */
const STEPS: readonly { hints: number; redacted: (text: string, hints: number, mark: Mark) => string }[] = [
  { hints: HINT.pem, redacted: (text, _hints, mark) => redactPem(text, mark) },
  { hints: HINT.shape, redacted: (text, _hints, mark) => redactShapes(text, mark) },
  { hints: PLACES, redacted: redactPlaces },
  { hints: HINT.key, redacted: redactNamed },
  { hints: PERSONAL, redacted: redactPersonal },
];

/** One rule's placeholder can complete another's pattern, so the rules run until nothing changes. */
function settled(text: string, hinted: number, mark: Mark): string {
  let out = text;
  let hints = hinted;
  for (let round = 0; round < 4; round++) {
    const before = out;
    for (const { hints: wanted, redacted } of STEPS) {
      if ((hints & wanted) === 0) continue;
      const after = redacted(out, hints, mark);
      if (after === out) continue;
      out = after;
      hints = hintsOf(out);
    }
    if (out === before) break;
  }
  return out;
}

function redactNamed(text: string, _hints: number, mark: Mark): string {
  return KEY_HINT.test(text) ? redactKeyed(redactColumns(text, mark), mark) : text;
}
