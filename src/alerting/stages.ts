import type { Change } from "../anomalies/episode.ts";
import type { Channel } from "./channels.ts";
import type { Mute } from "./mutes.ts";
import { whyNot } from "./policy.ts";
import type { ChannelTrouble } from "./troubles.ts";

/**
 * What an alert goes through on its way to a channel, in this order. Each of them may hold it back, and then says why:
 * `explain` shows it.
 */
export const STAGES = ["watch", "mute", "quiet hours", "group", "deduplicate", "route", "flood"] as const;
export type Stage = (typeof STAGES)[number];

/** Why an alert was held back: everywhere, or in one channel. */
export interface Hold {
  stage: Stage;
  /** For people, without the name of the stage. */
  reason: string;
  channel?: Channel;
}

/** What is to be told of a change, before it is known what belongs together. */
export interface Offer {
  /** Channels that want to hear of it. */
  wanted: Channel[];
  holds: Hold[];
  /** Held back before it could be grouped: nobody is to hear of it at all. */
  isStopped: boolean;
}

export interface Circumstances {
  channels: readonly Channel[];
  muteOf(service: string): Mute | undefined;
  /** Of channels that take no messages, and have not for long enough to try again: why. */
  troubleOf(channel: Channel): ChannelTrouble["reason"] | undefined;
  isLive: boolean;
  nowMs: number;
}

/** The stages that look at one change alone. */
export function offerOf(
  { kind, episode }: Change,
  { channels, muteOf, troubleOf, isLive, nowMs }: Circumstances,
): Offer {
  if (kind === "ends") return { wanted: [], holds: [], isStopped: false };
  if (!isLive) return stopped("watch", "shadow mode: nothing is posted until somebody goes live");
  const mute = muteOf(episode.service);
  if (mute !== undefined) return stopped("mute", muteReason(mute));
  if (channels.length === 0) return { wanted: [], holds: [NO_CHANNEL], isStopped: false };
  const wanted: Channel[] = [];
  const holds: Hold[] = [];
  for (const channel of channels) {
    const trouble = troubleOf(channel);
    const why =
      whyNot(channel.policy, episode, nowMs) ??
      (trouble && { stage: "route" as const, reason: `the channel takes no messages: ${trouble}` });
    if (why === undefined) wanted.push(channel);
    else holds.push({ ...why, channel });
  }
  return { wanted, holds, isStopped: false };
}

/** What goes on as it did is no news to who has heard of it. */
export function isNews(change: Change): boolean {
  return change.kind !== "goes on" || change.isWorse;
}

const NO_CHANNEL: Hold = { stage: "route", reason: "no channel is for alerts yet: channel alerts makes one" };

function stopped(stage: Stage, reason: string): Offer {
  return { wanted: [], holds: [{ stage, reason }], isStopped: true };
}

function muteReason({ mutedBy, endsAtMs, reason }: Mute): string {
  const until = new Date(endsAtMs).toISOString().slice(0, 16).replace("T", " ");
  return `muted by ${mutedBy} until ${until} UTC${reason === undefined ? "" : `: ${reason}`}`;
}
