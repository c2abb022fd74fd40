import { setTimeout as pause } from "node:timers/promises";
import { type ConsoleClient, openConsole } from "./consoleClient.ts";
import type { Loopback } from "./discord/loopback.ts";
import type { Ana } from "./discord/people.ts";
import { see, standingIn } from "./discord/seen.ts";
import { until as comesTrue } from "./eventually.ts";
import type { SlackPerson } from "./slack/person.ts";
import type { SlackServer } from "./slack/server.ts";
import { readBlocks } from "./slack/shown.ts";
import { LOGS } from "./slack/world.ts";

/** A message of the bot as a person sees it. */
export interface Stood {
  id: string;
  text: string;
  isWorking: boolean;
}

/** One person at one chat platform, whichever it is. */
export interface Seat {
  name: "slack" | "discord" | "web";
  /** @param options as they would be typed: `since:30m` */
  command(path: string, options?: Record<string, string>): Promise<void>;
  /** Writes in the thread under a message. */
  ask(under: string, text: string): Promise<void>;
  press(message: string, label: string): Promise<void>;
  /** All that the bot has said, oldest first. */
  said(): Promise<Stood[]>;
}

export function slackSeat(slack: SlackServer, anna: SlackPerson): Seat {
  const find = (ts: string) => {
    const found = slack.world.message(LOGS.id, ts);
    if (found === undefined) throw new Error(`no message ${ts} on Slack`);
    return found;
  };
  return {
    name: "slack",
    command: async (path, options) => void (await anna.command(typed(path, options))),
    ask: async (under, text) => void (await anna.write(text, under)),
    press: async (id, label) => void (await anna.press(find(id), label)),
    said: async () =>
      slack.world.messages
        .filter(({ by }) => by === "bot")
        .map(({ ts, blocks, text }) => stood(ts, blocks.length > 0 ? readBlocks(blocks).text : text)),
  };
}

export function discordSeat(discord: Loopback, ana: Ana): Seat {
  const { world } = discord;
  const seen = () => standingIn(world, world.channel).map((kept) => see(world, kept));
  return {
    name: "discord",
    command: async (path, options = {}) => void ana.slash(path, options),
    async ask(under, text) {
      // The thread is opened once the answer stands.
      await comesTrue(() => world.channels.has(under), "its thread");
      ana.write(under, text);
    },
    press: async (id, label) => void ana.pressLabelled(id, label),
    said: async () => seen().flatMap(({ id, by, text }) => (by === "bot" ? [stood(id, text)] : [])),
  };
}

/** @param address as the program printed it */
export async function webSeat(address: string): Promise<Seat & { page: ConsoleClient }> {
  const page = await openConsole(address);
  return {
    name: "web",
    page,
    command: async (path, options) => void (await page.say(`/loghunter ${typed(path, options)}`)),
    ask: async (under, text) => void (await page.say(text, { thread: under })),
    async press(id, label) {
      const { html = "" } = (await page.messages()).find((message) => message.id === id) ?? {};
      // A hand is drawn there.
      const before = html.slice(0, html.indexOf(`>${label.replace(/^[👍👎] /u, "")}</button>`));
      const action = /.*data-action="([^"]*)"/s.exec(before)?.[1];
      if (action === undefined) throw new Error(`no button ${label} in ${html.slice(-800)}`);
      await page.press(id, action);
    },
    said: async () =>
      (await page.messages()).flatMap(({ id, author, html }) =>
        author === "bot" ? [stood(id, textOf(html))] : [],
      ),
  };
}

function typed(path: string, options: Record<string, string> = {}): string {
  return [path, ...Object.entries(options).map(([name, value]) => `${name}:${value}`)].join(" ");
}

function textOf(html: string): string {
  const entities = { lt: "<", gt: ">", quot: '"', amp: "&", "#39": "'" } as Record<string, string>;
  return html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .replace(/&(#?\w+);/g, (whole, name: string) => entities[name] ?? whole);
}

function stood(id: string, text: string): Stood {
  return { id, text, isWorking: text.includes("WORKING") };
}

/** Looks until it is there. @throws with what there is instead */
export async function until(
  seat: Seat,
  what: RegExp,
  { isNot = [], withinMs = 60_000 }: { isNot?: readonly string[]; withinMs?: number } = {},
): Promise<Stood> {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    const said = await seat.said();
    const found = said.findLast(({ id, text }) => !isNot.includes(id) && what.test(text));
    if (found !== undefined) return found;
    if (Date.now() > untilMs) {
      const last = said.at(-1)?.text.slice(0, 2_000);
      throw new Error(`nothing like ${what} on ${seat.name} within ${withinMs} ms; last of all: ${last}`);
    }
    await pause(100);
  }
}
