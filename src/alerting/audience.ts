import type { Change } from "../anomalies/episode.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type EpisodeKey, listTold } from "./alertDeliveries.ts";
import { type Channel, listChannels } from "./channels.ts";
import { listMutes } from "./mutes.ts";
import { type Offer, offerOf } from "./stages.ts";
import { listFreshTroubles } from "./troubles.ts";

/** The channels of a tenant that hear of its episodes, as it stands at one moment. */
export interface Audience {
  /** What is to be told of a change to channels that have not heard of its episode, and what holds it back. */
  offerOf(change: Change): Offer;
  /** Whether a channel has heard of the episode: what is new of it is news there. */
  hasHeard(key: EpisodeKey, channel: Pick<Channel, "workspaceId" | "externalId">): boolean;
  isHeard(key: EpisodeKey): boolean;
  /** Services that are muted now. */
  muted: string[];
}

/** @param isLive in shadow mode nobody hears of anything that he has not heard of before */
export async function readAudience(scope: TenantScope, isLive: boolean, nowMs: number): Promise<Audience> {
  const [channels, mutes, told, troubles] = await Promise.all([
    listChannels(scope, "alerts"),
    listMutes(scope, nowMs),
    listTold(scope),
    listFreshTroubles(scope),
  ]);
  const heard = new Set(told.map((each) => keyOf(each, { ...each, externalId: each.channel })));
  const heardAnywhere = new Set(told.map((each) => keyOf(each)));
  return {
    offerOf: (change) => offerOf(change, { channels, mutes, troubles, isLive, nowMs }),
    hasHeard: (key, channel) => heard.has(keyOf(key, channel)),
    isHeard: (key) => heardAnywhere.has(keyOf(key)),
    muted: mutes.map(({ service }) => service),
  };
}

function keyOf(
  { namespace, service, metric, fingerprint }: EpisodeKey,
  at?: Pick<Channel, "workspaceId" | "externalId">,
): string {
  return JSON.stringify([namespace, service, metric, fingerprint, at?.workspaceId, at?.externalId]);
}
