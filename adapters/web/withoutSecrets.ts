import type { Card } from "../../src/chat/card.ts";

/** Ids that a press comes back with, and lines that the core has redacted: there can be thousands of them. */
const AS_THEY_ARE: ReadonlySet<string> = new Set(["action", "lines", "log"]);

/** An answer as it may be kept: it repeats what was typed (`No line holds password=…`), which was for the moment. */
export function withoutSecrets(card: Card, redact: (text: string) => string): Card {
  // Only strings change, so its shape is that of a card still.
  return redactedTexts(card, redact) as Card;
}

function redactedTexts(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((one) => redactedTexts(one, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, AS_THEY_ARE.has(key) ? one : redactedTexts(one, redact)]),
  );
}
