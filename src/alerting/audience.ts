import type { Change } from "../anomalies/episode.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type EpisodeKey, listTold } from "./alertDeliveries.ts";
import { type Channel, listChannels } from "./channels.ts";
import { listMutes } from "./mutes.ts";
import { type Circumstances, type Offer, offerOf } from "./stages.ts";
import { listFreshTroubles } from "./troubles.ts";

/** The channels of a tenant that hear of its episodes, as it stands at one moment. */
export interface Audience {
  /**
   * What is to be told of a change to channels that have not heard of its episode, and what holds it back.
   * @param isLive in shadow mode nobody hears of anything that he has not heard of before
   */
  offerOf(change: Change, isLive: boolean): Offer;
  /** Tells whether a channel has heard of the episode: what is new of it is news there. */
  heardOf(key: EpisodeKey): (channel: Pick<Channel, "workspaceId" | "externalId">) => boolean;
  isHeard(key: EpisodeKey): boolean;
  /** Services that are muted now. */
  muted: string[];
}

export async function readAudience(scope: TenantScope, nowMs: number): Promise<Audience> {
  const [channels, mutes, told, troubles] = await Promise.all([
    listChannels(scope, "alerts"),
    listMutes(scope, nowMs),
    listTold(scope),
    listFreshTroubles(scope),
  ]);
  const heard = new Map<string, ReadonlySet<string>[]>();
  for (const { episodes, channels: those } of told) {
    const keys = new Set(those.map((each) => channelKey(each.workspaceId, each.channel)));
    for (const key of episodes.map(keyOfEpisode)) {
      const known = heard.get(key);
      if (known === undefined) heard.set(key, [keys]);
      else known.push(keys);
    }
  }
  // Each is asked for each change: thousands of one and hundreds of the other are a second of work.
  const muted = new Map(mutes.map((mute) => [mute.service, mute]));
  const troubled = new Map(troubles.map((each) => [channelKey(each.workspaceId, each.channel), each.reason]));
  const circumstances: Omit<Circumstances, "isLive"> = {
    channels,
    muteOf: (service) => muted.get(service),
    troubleOf: ({ workspaceId, externalId }) => troubled.get(channelKey(workspaceId, externalId)),
    nowMs,
  };
  return {
    offerOf: (change, isLive) => offerOf(change, { ...circumstances, isLive }),
    heardOf(key) {
      const those = heard.get(keyOfEpisode(key)) ?? [];
      return ({ workspaceId, externalId }) =>
        those.some((keys) => keys.has(channelKey(workspaceId, externalId)));
    },
    isHeard: (key) => heard.has(keyOfEpisode(key)),
    muted: [...muted.keys()],
  };
}

function channelKey(workspaceId: string, channel: string): string {
  return `${workspaceId} ${channel}`;
}

/** One text for each key. */
export function keyOfEpisode({ namespace, service, metric, fingerprint }: EpisodeKey): string {
  return JSON.stringify([namespace, service, metric, fingerprint]);
}
