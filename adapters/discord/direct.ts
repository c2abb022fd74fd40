import { type APIDMChannel, ChannelType, Routes } from "discord.js";
import type { MessageRef, Place } from "../../src/chat/platform.ts";
import { createRecent } from "../../src/chat/recent.ts";
import { type Api, type Done, tried } from "./api.ts";
import type { Channels } from "./channels.ts";
import { type Failure, NOT_IN_SERVER } from "./errors.ts";
import type { DiscordMessage } from "./message.ts";
import type { HowToPost, Posting } from "./posting.ts";
import type { Servers } from "./servers.ts";

/** Direct messages. */
export interface Direct {
  /** @param place whose server the person has to be a member of */
  tell(
    place: Place,
    person: string,
    message: DiscordMessage,
    how: HowToPost,
  ): Promise<Done<MessageRef> | Failure>;
  /** Where they write to each other. */
  placeWith(place: Place, person: string, signal?: AbortSignal): Promise<Done<Place> | Failure>;
  isDirect(channel: string): boolean;
}

export interface DirectParts {
  api: Api;
  channels: Channels;
  posting: Posting;
  servers: Servers;
}

export function createDirect({ api, channels, posting, servers }: DirectParts): Direct {
  const people = createRecent<string>(MOST_KNOWN);
  const known = createRecent<true>(MOST_KNOWN);

  async function channelWith(person: string, signal?: AbortSignal): Promise<Done<string> | Failure> {
    const earlier = people.get(person);
    if (earlier !== undefined) return { kind: "done", value: earlier };
    const body = { recipient_id: person };
    const opened = await tried(() => api.call<APIDMChannel>("POST", Routes.userChannels(), { body, signal }));
    if (opened.kind !== "done") return opened;
    const { id } = opened.value;
    people.set(person, id);
    known.set(id, true);
    channels.note({ id, type: ChannelType.DM });
    return { kind: "done", value: id };
  }

  async function placeWith(
    { platform, workspace }: Place,
    person: string,
    signal?: AbortSignal,
  ): Promise<Done<Place> | Failure> {
    if (servers.isOutside(workspace)) return NOT_IN_SERVER;
    // Who has left the server learns nothing of it any more.
    const member = await tried(() => api.call("GET", Routes.guildMember(workspace, person), { signal }));
    if (member.kind !== "done") return member;
    const opened = await channelWith(person, signal);
    if (opened.kind !== "done") return opened;
    return { kind: "done", value: { platform, workspace, channel: opened.value } };
  }

  return {
    async tell(place, person, message, how) {
      const at = await placeWith(place, person, how.signal);
      return at.kind === "done" ? await posting.post(at.value, message, how) : at;
    },
    placeWith,
    isDirect: (channel) => known.get(channel) === true,
  };
}

const MOST_KNOWN = 2_000;
