import type { Card } from "../../src/chat/card.ts";
import { redact } from "../../src/logs/redaction.ts";

/** Ids that a press comes back with, and lines that the core has redacted: there can be thousands of them. */
const AS_THEY_ARE: ReadonlySet<string> = new Set(["action", "lines", "log"]);

/** An answer as it may be kept: it repeats what was typed (`No line holds password=…`), which was for the moment. */
export function withoutSecrets(card: Card): Card {
  // Only strings change, so its shape is that of a card still.
  return redactedTexts(card) as Card;
}

function redactedTexts(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(redactedTexts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, AS_THEY_ARE.has(key) ? one : redactedTexts(one)]),
  );
}
