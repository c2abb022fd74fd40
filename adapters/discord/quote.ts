import type { Card } from "../../src/chat/card.ts";
import type { Person, Place } from "../../src/chat/platform.ts";
import type { Log } from "../../src/log.ts";
import type { DiscordMessage } from "./message.ts";
import type { Posting } from "./posting.ts";
import { nonceOf } from "./standing.ts";

export interface QuoteParts {
  posting: Posting;
  log: Log;
  stopping: AbortSignal;
  draw(card: Card): Promise<DiscordMessage>;
}

/** What was asked in a field is seen by one person only: the others in the thread are to know what is answered. */
export function createQuote({ posting, log, stopping, draw }: QuoteParts) {
  return async (place: Place, { name }: Person, asked: string, actId: string): Promise<void> => {
    const card: Card = {
      title: `${name} asks`,
      tone: "neutral",
      body: [{ kind: "text", text: asked }],
    };
    const how = { title: name, nonce: nonceOf(`question ${actId}`), signal: stopping };
    const sent = await posting.post(place, await draw(card), how);
    if (sent.kind !== "done") log.warn({ why: sent.why }, "discord: a question could not be quoted");
  };
}
