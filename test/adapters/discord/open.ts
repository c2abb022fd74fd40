import { afterEach, expect } from "@jest/globals";
import { button, type Card } from "../../../src/chat/card.ts";
import { see, standingIn } from "../../support/discord/seen.ts";
import { eventually } from "../../support/eventually.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { type OpenDiscord, type OpenOptions, openDiscord } from "./harness.ts";

/** LogHunter on a loopback Discord, closed after each test; whatever breaks a rule of Discord's fails the test. */
export function eachOpens() {
  let opened: OpenDiscord | undefined;
  afterEach(async () => {
    const complaints = opened?.loopback.complaints ?? [];
    await opened?.close();
    opened = undefined;
    expect(complaints).toEqual([]);
  });

  return async (how: OpenOptions = {}, core: ScriptedCore = createScriptedCore()) => {
    opened = await openDiscord(core, how);
    const { loopback, channel } = opened;
    const bots = () =>
      standingIn(loopback.world, channel.channel)
        .map((kept) => see(loopback.world, kept))
        .filter(({ by }) => by === "bot");
    const asked = (route: RegExp) =>
      loopback.requests.filter(({ method, path }) => route.test(`${method} ${path}`));
    const says = (text: string) =>
      eventually(async () => bots().find((message) => message.text.includes(text)));
    return { ...opened, core, bots, asked, says };
  };
}

export const plain = (text: string): Card => ({
  title: "A card",
  tone: "neutral",
  body: [{ kind: "text", text }],
});

export const pressable = (text: string): Card => ({
  ...plain(text),
  actions: [button("Go", { name: "test.go", subject: "42" })],
});

export const forAll = (text: string) =>
  ({ kind: "message", card: plain(text), visibility: "channel" }) as const;
export const forCaller = (text: string) =>
  ({ kind: "message", card: plain(text), visibility: "caller" }) as const;
