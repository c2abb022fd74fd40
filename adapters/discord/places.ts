import { type APIMessage, ChannelType, Routes } from "discord.js";
import type { Place } from "../../src/chat/platform.ts";
import { createRecent } from "../../src/chat/recent.ts";
import { type Api, tried } from "./api.ts";
import { type Channels, isPublicThread, type KnownChannel } from "./channels.ts";
import type { Refusals } from "./refusals.ts";

/** Where something stands, and under whose message. */
export interface Found {
  place: Place;
  /** It stands in a thread under a message of LogHunter's. */
  toBot: boolean;
}

export interface Places {
  of(guild: string, channel: KnownChannel): Promise<Found>;
  /** Who wrote the message a thread hangs under. */
  note(thread: string, byBot: boolean): void;
}

export interface PlaceParts {
  api: Api;
  channels: Channels;
  refusals: Refusals;
  me: () => string | undefined;
}

/**
 * A thread made from a message hangs under it, and has its id. One that was not, such as a post of a forum or a private
 * thread, is a channel of its own.
 */
export function createPlaces({ api, channels, refusals, me }: PlaceParts): Places {
  const starters = createRecent<Starter>(MOST_KNOWN);

  async function starterOf(guild: string, parent: string, thread: string): Promise<Starter> {
    const known = starters.get(thread);
    if (known !== undefined) return known;
    // Where it may not look, most threads hang under a message.
    if (refusals.whyNot(guild, history(parent)) !== undefined) return "person";
    const asked = await tried(() => api.call<APIMessage>("GET", Routes.channelMessage(parent, thread)));
    if (asked.kind === "done") return keep(thread, asked.value.author.id === me() ? "bot" : "person");
    if (asked.kind === "refused" && asked.reason === "not permitted") {
      refusals.note(guild, history(parent), asked.why);
    }
    if (asked.kind !== "refused" || asked.reason === "not permitted") return "person";
    return keep(thread, (await isOwn(thread)) ? "bot" : "none");
  }

  /** LogHunter opens threads under messages only: of such a one the message was deleted, and people go on in it. */
  async function isOwn(thread: string): Promise<boolean> {
    const found = await channels.find(thread);
    return found.kind === "done" && found.value.owner !== undefined && found.value.owner === me();
  }

  function keep(thread: string, starter: Starter): Starter {
    starters.set(thread, starter);
    return starter;
  }

  return {
    note: (thread, byBot) => starters.set(thread, byBot ? "bot" : "person"),
    async of(guild, { id, type, parent }) {
      const own = { place: { platform: "discord", workspace: guild, channel: id }, toBot: false };
      if (parent === undefined || !isPublicThread(type)) return own;
      const above = await channels.find(parent);
      if (above.kind === "done" && FORUMS.has(above.value.type)) return own;
      const starter = await starterOf(guild, parent, id);
      if (starter === "none") return own;
      return { place: { ...own.place, channel: parent, thread: id }, toBot: starter === "bot" };
    },
  };
}

type Starter = "bot" | "person" | "none";

/** That it may not look says nothing of what it may write. */
const history = (channel: string) => `${channel} history`;

const FORUMS: ReadonlySet<ChannelType> = new Set([ChannelType.GuildForum, ChannelType.GuildMedia]);
const MOST_KNOWN = 5_000;
