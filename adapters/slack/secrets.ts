import type { Card } from "../../src/chat/card.ts";
import { fitSecret, type SecretSent, type SecretWay } from "../../src/chat/secret.ts";
import type { Asker } from "./answers.ts";
import type { Called, Calls } from "./calls.ts";
import { LIMITS } from "./limits.ts";
import { LITERAL, type Posting } from "./posting.ts";
import { renderCard } from "./render.ts";

/**
 * The ways to a person that nobody else sees. Its blocks hold the secret and nothing else does: no metadata, since the
 * whole workspace may read that, and no plain text in their place, since notifications show it.
 */
export function secretWays(
  { calls, posting }: { calls: Calls; posting: Posting },
  { account, at, personId, privately, pressed }: Asker,
  card: Card,
): SecretWay[] {
  const { text, blocks } = renderCard({ card: fitSecret(card, LIMITS), files: [] }, new Map(), "private");
  const message = { text, blocks };
  const ways: SecretWay[] = [];
  if (privately !== undefined) {
    const thread = pressed === undefined ? undefined : at.thread;
    const send = async () => sentBy(await privately.send(message, "new", thread));
    ways.push({ name: "response_url", send });
  }
  // In their own messages with the bot there is nobody else; in those between others the bot is not.
  if (at.channel !== "" && !at.channel.startsWith("D")) {
    const send = async (signal: AbortSignal) =>
      sentBy(await posting.ephemeral(account, at, personId, signal)(message));
    ways.push({ name: "ephemeral", send });
  }
  ways.push({
    name: "direct message",
    async send(signal) {
      const direct = await posting.directChannel(account, personId, signal);
      if (!direct.ok) return { outcome: "refused", why: direct.why };
      const { value: channel } = direct;
      return sentBy(
        await calls.make(
          account,
          (client) => client.chat.postMessage({ channel, ...message, ...LITERAL }),
          signal,
        ),
      );
    },
  });
  return ways;
}

function sentBy(called: Called<unknown>): SecretSent {
  return called.ok ? { outcome: "sent" } : called;
}
