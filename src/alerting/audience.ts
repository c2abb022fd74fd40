import type { Change } from "../anomalies/tenantWatch.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type EpisodeKey, listTold } from "./alertDeliveries.ts";
import { type Channel, listChannels } from "./channels.ts";
import { listMutes } from "./mutes.ts";
import { accepts } from "./policy.ts";

/** The channels of a tenant that hear of its episodes, as it stands at one moment. */
export interface Audience {
  /**
   * Those that a change of an episode is news for: of what goes on as it did, those that want to hear of it and have not; of
   * its beginning and of what is worse, those too that have; of its end, only those that have.
   * @param isLive in shadow mode nobody hears of anything that he has not heard of before
   */
  hearersOf(change: Change, isLive: boolean): Channel[];
}

export async function readAudience(scope: TenantScope, nowMs: number): Promise<Audience> {
  const [channels, mutes, told] = await Promise.all([
    listChannels(scope, "alerts"),
    listMutes(scope, nowMs),
    listTold(scope),
  ]);
  const heard = new Set(told.map((each) => keyOf(each, { ...each, externalId: each.channel })));
  const muted = new Set(mutes.map(({ service }) => service));
  return {
    hearersOf(change, isLive) {
      const { episode, kind } = change;
      const isWanted = isLive && kind !== "ends" && !muted.has(episode.service);
      const isSame = kind === "goes on" && !change.isWorse;
      return channels.filter((channel) =>
        heard.has(keyOf(episode, channel)) ? !isSame : isWanted && accepts(channel.policy, episode, nowMs),
      );
    },
  };
}

function keyOf(
  { namespace, service, metric, fingerprint }: EpisodeKey,
  { workspaceId, externalId }: Pick<Channel, "workspaceId" | "externalId">,
): string {
  return JSON.stringify([namespace, service, metric, fingerprint, workspaceId, externalId]);
}
