import { type APIChannel, ChannelType, Routes } from "discord.js";
import { createRecent } from "../../src/chat/recent.ts";
import { type Api, type Done, tried } from "./api.ts";
import type { Failure } from "./errors.ts";
import type { Servers } from "./servers.ts";

/** What has to be known of a channel, a thread being one too. */
export interface KnownChannel {
  id: string;
  type: ChannelType;
  /** Absent for direct messages. */
  guild?: string;
  parent?: string;
  /** Who opened it, being a thread, where that was told. */
  owner?: string;
}

export interface Channels {
  find(id: string): Promise<Done<KnownChannel> | Failure>;
  /** What a message or an interaction said of its channel. */
  note(channel: KnownChannel): void;
  forget(id: string): void;
}

/** Channels as the gateway told them, and those it did not tell as Discord answers. */
export function createChannels(api: Api, servers: Servers): Channels {
  const known = createRecent<KnownChannel>(MOST);
  return {
    async find(id) {
      const found = servers.channel(id) ?? known.get(id);
      if (found !== undefined) return { kind: "done", value: found };
      const asked = await tried(() => api.call<APIChannel>("GET", Routes.channel(id)));
      if (asked.kind !== "done") return asked;
      const channel = knownOf(asked.value);
      known.set(id, channel);
      return { kind: "done", value: channel };
    },
    note: (channel) => known.set(channel.id, channel),
    forget: known.delete,
  };
}

const MOST = 2_000;

function knownOf(channel: APIChannel): KnownChannel {
  const { id, type } = channel;
  const guild = "guild_id" in channel ? channel.guild_id : undefined;
  const parent = "parent_id" in channel ? channel.parent_id : undefined;
  const owner = "owner_id" in channel ? channel.owner_id : undefined;
  return {
    id,
    type,
    ...(typeof guild === "string" && { guild }),
    ...(typeof parent === "string" && { parent }),
    ...(typeof owner === "string" && { owner }),
  };
}

/** Threads that are made from a message of a channel: a private one never is. */
export function isPublicThread(type: ChannelType): boolean {
  return type === ChannelType.PublicThread || type === ChannelType.AnnouncementThread;
}
