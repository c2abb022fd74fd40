import type { Card } from "../chat/card.ts";
import { plainText } from "../chat/plainText.ts";
import { hasTransient } from "../chat/transient.ts";

/** Log lines shown and not kept, by message: for as long as this process lives, and no more of them than this. */
const MAX_TRANSIENT_MESSAGES = 200;
/** Of all of them together: two hundred searches with long lines would be four times as much. */
const MAX_TRANSIENT_CHARS = 20_000_000;

/** Cards with transient lines as they were given, in memory only. */
export interface ShownLines {
  /** Takes the card's place in the message; one without transient lines is not remembered. */
  remember(messageId: string, card: Card): void;
  cardOf(messageId: string): Card | undefined;
}

export function createShownLines(): ShownLines {
  const transient = new Map<string, { card: Card; chars: number }>();

  function forgetOldest(): void {
    let chars = [...transient.values()].reduce((sum, kept) => sum + kept.chars, 0);
    for (const [id, kept] of transient) {
      if (transient.size <= MAX_TRANSIENT_MESSAGES && chars <= MAX_TRANSIENT_CHARS) return;
      transient.delete(id);
      chars -= kept.chars;
    }
  }

  return {
    remember(messageId, card) {
      if (!hasTransient(card)) {
        transient.delete(messageId);
        return;
      }
      transient.set(messageId, { card, chars: plainText(card).length });
      forgetOldest();
    },
    cardOf: (messageId) => transient.get(messageId)?.card,
  };
}
