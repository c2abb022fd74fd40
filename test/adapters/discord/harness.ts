// As in the process itself, where Loki's and Slack's clients bring another undici than discord.js has.
import "undici";
import { createDiscord, type DiscordOptions } from "../../../adapters/discord/index.ts";
import { nameCall } from "../../../src/chat/call.ts";
import { completionAt } from "../../../src/chat/completion.ts";
import type { ChatCore, ChatPlatform } from "../../../src/chat/platform.ts";
import { createLog } from "../../../src/log.ts";
import type { ChatPlatformHarness, PrivateWays, Standing } from "../../contract/chatHarness.ts";
import { refusedWith } from "../../support/discord/faults.ts";
import type { Asked } from "../../support/discord/interactions.ts";
import { type Loopback, openLoopback, TOKEN } from "../../support/discord/loopback.ts";
import { EPHEMERAL } from "../../support/discord/messages.ts";
import { type Ana, createAna, type Delivered } from "../../support/discord/people.ts";
import { see, standingIn } from "../../support/discord/seen.ts";
import { type Kept, TYPES } from "../../support/discord/world.ts";
import { eventually } from "../../support/eventually.ts";
import { createMemoryActs } from "../../support/memoryActs.ts";

export interface OpenDiscord {
  loopback: Loopback;
  platform: ChatPlatform;
  ana: Ana;
  /** Where posts go that nobody asked for. */
  channel: { platform: string; workspace: string; channel: string };
  close(): Promise<void>;
}

export interface OpenOptions {
  messageContent?: boolean;
  options?: Partial<DiscordOptions>;
  /** Before the bot connects. */
  prepare?(loopback: Loopback): void;
  heartbeatMs?: number;
}

/** Options that work, with one's own in their place. */
export function discordOptions({ apiUrl }: Loopback, own: Partial<DiscordOptions> = {}): DiscordOptions {
  return {
    token: TOKEN,
    apiUrl,
    messageContent: false,
    draw: async () => ONE_PIXEL,
    log: createLog("silent"),
    now: Date.now,
    acts: createMemoryActs(),
    waits: { pauseMs: 20, longestPauseMs: 100, stopMs: 1_000 },
    ...own,
  };
}

/** LogHunter on a loopback Discord, with somebody who uses it. */
export async function openDiscord(core: ChatCore, how: OpenOptions = {}): Promise<OpenDiscord> {
  const { messageContent = false, heartbeatMs } = how;
  const loopback = await openLoopback({
    contentGranted: messageContent,
    ...(heartbeatMs !== undefined && { heartbeatMs }),
  });
  how.prepare?.(loopback);
  const platform = createDiscord(discordOptions(loopback, { messageContent, ...how.options }));
  await platform.start(core);
  const { world } = loopback;
  return {
    loopback,
    platform,
    ana: createAna(loopback, { readsContent: messageContent }),
    channel: { platform: "discord", workspace: world.guild, channel: world.channel },
    async close() {
      await platform.stop();
      await loopback.close();
    },
  };
}

/** Discord as the contract sees a chat platform. */
export async function openDiscordHarness(
  core: ChatCore,
  messageContent: boolean,
): Promise<ChatPlatformHarness> {
  const discord = await openDiscord(core, { messageContent });
  const { loopback, platform, ana, channel } = discord;
  const { world, interactions } = loopback;
  let closed: Asked | undefined;

  const opened = () => {
    const last = interactions.asked.findLast(({ modal }) => modal !== undefined);
    return last === closed ? undefined : last;
  };
  const act = ({ again }: { again(): void }) => ({ again: async () => again() });
  const seenAs = (kept: Kept): Standing => {
    const { channel: at, alive, ...seen } = see(world, kept);
    if (alive.length > 0) loopback.complaints.push(`came to life: ${alive.join(", ")}`);
    return { ...seen, ...(world.channels.get(at)?.type === TYPES.publicThread && { thread: at }) };
  };

  return {
    platform,
    channel,
    mentions: {
      person: world.ana.id,
      group: "&123456789012345670",
      wrong: [
        `&${world.guild}`,
        "everyone",
        "&here",
        "@here",
        "U0ANNA001",
        "1",
        "12345678901234567> @everyone",
      ],
    },
    async command(text, thread) {
      const { definition, given } = nameCall(core.catalogue, { text });
      return act(ana.slash(definition.name, given, thread));
    },
    async reply(root, text) {
      const thread = ana.thread(root);
      return act(ana.write(thread, messageContent ? text : `<@${world.bot.id}> ${text}`));
    },
    press: async (message, label) => act(ana.pressLabelled(message, label)),
    async openForm() {
      const asked = opened();
      if (asked?.modal === undefined) return undefined;
      const { title, components } = asked.modal;
      const fields = components.map(({ component: { custom_id: name, value, options } }) => ({
        name,
        value:
          options
            ?.filter((option) => option.default)
            .map((option) => option.value)
            .join(",") ??
          value ??
          "",
      }));
      // Discord has its own word on this button, always "Submit": what the form would have there cannot be shown.
      const submitLabel =
        core.catalogue.find(({ form }) => form?.title === title)?.form?.submitLabel ?? "Submit";
      return { title, submitLabel, fields };
    },
    async fill(values) {
      const form = opened();
      if (form === undefined) throw new Error("no form is open");
      closed = form;
      const sent: Delivered = ana.submit(form, values);
      const { original } = await eventually(async () =>
        sent.asked.first === undefined ? undefined : sent.asked,
      );
      const isMistake = sent.asked.first?.type === 4 && original !== undefined;
      return { ...act(sent), mistakes: isMistake ? see(world, original).text : "" };
    },
    say: async (text) => ana.write(world.channel, text).message.api.id,
    explain: async (message) => act(ana.explain(message)),
    async suggest(text) {
      const found = completionAt(core.catalogue, text);
      if (found?.of !== "value") throw new Error(`nothing is completed in ${text}`);
      const { asked } = ana.type(found.command, { [found.option]: found.typed }, found.option);
      const choices = await eventually(async () => asked.choices);
      return choices.map(({ value }) => value);
    },
    standing: async () => standingIn(world, world.channel).map(seenAs),
    async message(id) {
      const kept = world.messages.get(id);
      return kept === undefined || kept.pending ? undefined : seenAs(kept);
    },
    gone: async () => ({ place: channel, id: "123456789012345678" }),
    privately: privateWays(loopback),
    complaints: () => loopback.complaints,
    close: discord.close,
  };
}

function privateWays({ world, interactions, faults, requests }: Loopback): PrivateWays {
  const ORIGINAL = /^PATCH \/webhooks\/.*@original$/;
  const isPrivate = ({ path, method, body }: Loopback["requests"][number]) => {
    const [, area, id, token, , message] = path.split("/");
    if (area === "channels") return world.channels.get(id ?? "")?.type === TYPES.dm;
    if (area !== "webhooks") return false;
    if (method === "POST") return (Number(body.flags) & EPHEMERAL) !== 0;
    const asked = interactions.asked.find((one) => one.token === token);
    return message === "@original" && asked?.original?.onlyFor === world.ana.id;
  };
  return {
    refuseFirst: () => faults.order(ORIGINAL, refusedWith(400, 50035)),
    loseAnswer: () => faults.order(ORIGINAL, { kind: "lost answer" }),
    async refuseAll() {
      faults.order(/ \/webhooks\//, refusedWith(404, 10015), 99);
      faults.order(/^POST \/channels\/\d+\/messages$/, refusedWith(403, 50007), 99);
    },
    sent: async () =>
      requests.map((request) => ({
        text:
          JSON.stringify(request.body) + request.files.map(({ bytes }) => new TextDecoder().decode(bytes)),
        isPrivate: isPrivate(request),
        aside: `${request.body.content} ${request.body.nonce}`,
      })),
  };
}

export const ONE_PIXEL = new Uint8Array(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
);
