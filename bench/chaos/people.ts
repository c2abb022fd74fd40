import { setTimeout as pause } from "node:timers/promises";
import { nonceOf } from "../../adapters/discord/standing.ts";
import { answerIdOf } from "../../src/chat/platform.ts";
import type { Asked as Interaction } from "../../test/support/discord/interactions.ts";
import { createAna } from "../../test/support/discord/people.ts";
import { see } from "../../test/support/discord/seen.ts";
import type { Kept } from "../../test/support/discord/world.ts";
import { createPerson, overSocket } from "../../test/support/slack/person.ts";
import { readBlocks } from "../../test/support/slack/shown.ts";
import { ANNA, type StoredMessage } from "../../test/support/slack/world.ts";
import type { Ask, Seen } from "./asks.ts";
import { type ChaosStage, withPort } from "./stage.ts";

/** Somebody on Slack and somebody on Discord, who ask and press as long as a case lasts. */
export interface People {
  /** What they do in each case is the same, and what comes of it is among the asks. */
  act(during: string, forMs: number): Promise<void>;
}

/** Discord: https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags */
const ADMINISTRATOR = 0x8n;

export async function bringPeople(stage: ChaosStage, asks: Ask[]): Promise<People> {
  const { slack, discord } = stage.platforms;
  discord.world.anaPermissions = ADMINISTRATOR;
  const anna = createPerson(slack, overSocket(slack));
  const ana = createAna(discord, { readsContent: false });
  let serial = 0;

  /** Each in a channel of its own: whatever stands there is its answer. */
  async function onSlack(during: string, text: string): Promise<Ask> {
    serial++;
    const channel = `C0ASK${String(serial).padStart(4, "0")}`;
    slack.world.channels.push({ id: channel, hasBot: true });
    const answers = slack.responseUrls.make({ channel, user: ANNA.id });
    const ask: Ask = {
      ...{ what: `slack: ${text}`, during, atMs: Date.now() },
      look: () =>
        seenOnSlack(
          slack.world.messages.filter((one) => one.channel === channel && one.thread === undefined),
        ),
    };
    asks.push(ask);
    const own = { channel_id: channel, response_url: throughProxy(answers) };
    await anna.command(text, own).catch((error: Error) => {
      ask.unheard = error.message;
    });
    return ask;
  }

  function throughProxy(url: string): string {
    return withPort(url, stage.ways.slack.port);
  }

  async function pressOnSlack(during: string, label: string): Promise<void> {
    const message = analysed;
    if (message === undefined) return;
    const before = repliesTo(message).length;
    const ask: Ask = {
      ...{ what: `slack: button ${label}`, during, atMs: Date.now() },
      look: () => seenOnSlack(repliesTo(message).slice(before, before + expected())),
    };
    presses.push(ask);
    const at = presses.length;
    // Presses of later cases come after it.
    const expected = () => (presses.length > at ? 1 : Number.POSITIVE_INFINITY);
    asks.push(ask);
    await anna.press(message, label).catch((error: Error) => {
      ask.unheard = error.message;
    });
  }

  function repliesTo({ channel, ts }: StoredMessage): StoredMessage[] {
    return slack.world.messages.filter((one) => one.channel === channel && one.thread === ts);
  }

  function onDiscord(during: string, path: string, options: Record<string, string>): void {
    const typed = [path, ...Object.values(options)].join(" ");
    const ask: Ask = {
      ...{ what: `discord: ${typed}`, during, atMs: Date.now() },
      look: () => (asked === undefined ? NOTHING : seenOnDiscord(asked)),
    };
    asks.push(ask);
    let asked: Interaction | undefined;
    if (!discord.gateway.isConnected()) ask.unheard = "nobody is connected";
    asked = ana.slash(path, options).asked;
  }

  function seenOnDiscord(asked: Interaction): Seen {
    const { world } = discord;
    const answers = [asked.original, ...(asked.followUps ?? []), ...postedFor(asked)];
    const all = answers.filter((kept) => kept !== undefined && world.messages.has(kept.api.id)) as Kept[];
    const text = all.map((kept) => see(world, kept).text).join("\n");
    const isFinal = all.every(({ pending }) => !pending) && !text.includes(WORKING);
    return { answers: all.length, text, isFinal };
  }

  /** Where its token was of no use any longer. */
  function postedFor({ id }: Interaction): Kept[] {
    const mark = nonceOf(answerIdOf(id));
    return [...discord.world.messages.values()].filter(({ nonce }) => nonce === mark);
  }

  let analysed: StoredMessage | undefined;
  const presses: Ask[] = [];

  const turns: ((during: string) => unknown)[] = [
    (during) => onSlack(during, "status"),
    (during) => onDiscord(during, "errors", { service: "discord-1" }),
    (during) => onSlack(during, "analyze slack-1 since:30m"),
    (during) => onDiscord(during, "search", { text: "failed", service: "discord-2" }),
    (during) => onSlack(during, `mute ghost-${serial} 1h chaos`),
    (during) => pressOnSlack(during, "Show lines"),
    (during) => onDiscord(during, "status", {}),
    (during) => onSlack(during, "errors slack-2"),
    (during) => onDiscord(during, "analyze", { service: "discord-0", since: "30m" }),
    (during) => onSlack(during, "search failed service:slack-3"),
  ];

  // Before anything goes wrong: an answer with buttons.
  const first = await onSlack("before", "analyze slack-0 since:30m");
  for (let tries = 0; tries < 200 && !(first.look().answers === 1 && first.look().isFinal); tries++)
    await pause(100);
  analysed = slack.world.messages.find(
    ({ by, blocks }) =>
      by === "bot" && readBlocks(blocks).buttons.some(({ label }) => label === "Show lines"),
  );
  if (analysed === undefined) throw new Error(`no answer with buttons: ${first.look().text}`);

  return {
    async act(during, forMs) {
      const untilMs = Date.now() + forMs;
      const apartMs = forMs / turns.length;
      const doing: unknown[] = [];
      for (const [at, turn] of turns.entries()) {
        await pause(Math.max(0, untilMs - forMs + at * apartMs - Date.now()));
        doing.push(turn(during));
      }
      await Promise.all(doing);
    },
  };
}

const WORKING = "WORKING";
const NOTHING: Seen = { answers: 0, text: "", isFinal: false };

function seenOnSlack(messages: readonly StoredMessage[]): Seen {
  const own = messages.filter(({ by }) => by === "bot");
  const text = own.map(({ blocks, text }) => (blocks.length > 0 ? readBlocks(blocks).text : text)).join("\n");
  return { answers: own.length, text, isFinal: !text.includes(WORKING) };
}
