import { afterEach, beforeEach, expect } from "@jest/globals";
import type { Card } from "../../../src/chat/card.ts";
import type { Delivery, Reply } from "../../../src/chat/platform.ts";
import { createMemoryActs } from "../../support/memoryActs.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { ACME, LOGS, type StoredMessage } from "../../support/slack/world.ts";
import { createClock } from "./clock.ts";
import { type OpenSlack, openSocketSlack } from "./harness.ts";

export const card = (text: string): Card => ({
  title: "A card",
  tone: "neutral",
  body: [{ kind: "text", text }],
});
export const toAll = (text: string): Reply => ({ kind: "message", visibility: "channel", card: card(text) });
export const toCaller = (text: string): Reply => ({
  kind: "message",
  visibility: "caller",
  card: card(text),
});

/** The adapter for each test anew, with a clock that goes on only where somebody waits. */
export interface Given {
  core: ScriptedCore;
  clock: ReturnType<typeof createClock>;
  acts: ReturnType<typeof createMemoryActs>;
  on: OpenSlack;
  /** Opens it anew, and waits for Slack so long: only where it hangs, for on a busy machine it may be as late as that. */
  waitFor(callTimeoutMs: number): Promise<void>;
}

export const place = { platform: "slack", workspace: ACME.id, channel: LOGS.id };

/** Opens it before each test of the file, and holds what was sent to Slack's rules after each. */
export function giveSlack() {
  const given = {
    async waitFor(callTimeoutMs) {
      await given.on.close();
      await open({ callTimeoutMs });
    },
  } as Given;
  async function open(own: { callTimeoutMs?: number } = {}): Promise<void> {
    given.core = createScriptedCore();
    given.clock = createClock();
    given.acts = createMemoryActs();
    const { clock, acts } = given;
    given.on = await openSocketSlack(given.core, { pause: clock.pause, now: clock.now, acts, ...own });
  }
  beforeEach(() => open());
  afterEach(async () => {
    const { complaints } = given.on.server;
    await given.on.close();
    expect(complaints).toEqual([]);
  });

  const bots = () => given.on.server.world.messages.filter(({ by }) => by === "bot");
  return {
    given,
    bots,
    holding: (text: string) => bots().filter((message) => JSON.stringify(message.blocks).includes(text)),
    called: (method: string) => given.on.server.calls.filter((call) => call.method === method).length,
    post: (deliveryId: string, maybeSent = false): Promise<Delivery> =>
      given.on.slack.post(place, card(deliveryId), { deliveryId, maybeSent }),
  };
}

export const some = (list: StoredMessage[]) => (list.length > 0 ? list : undefined);
