import type { Card } from "../../src/chat/card.ts";
import type { Reply, SecretOutcome } from "../../src/chat/platform.ts";

export const KEY = "lhk4f9Zq7Tn2Xw8bR5";
export const THEN = "What came of it";

export const secretCard: Card = {
  title: "A new key",
  tone: "good",
  body: [
    { kind: "text", text: "It is shown once." },
    { kind: "log", lines: [KEY], caption: "The key", transient: true },
  ],
};

/** An answer that shows a key, and what it is told comes of that; a card follows it. */
export function secretReply(card: Card = secretCard): { reply: Reply; outcomes: SecretOutcome[] } {
  const outcomes: SecretOutcome[] = [];
  const ended = async (outcome: SecretOutcome): Promise<Card> => {
    outcomes.push(outcome);
    return { title: THEN, tone: "neutral", body: [] };
  };
  return { outcomes, reply: { kind: "message", visibility: "caller", card, secret: { ended } } };
}
