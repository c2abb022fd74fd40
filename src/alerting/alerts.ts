import { anomalyCard } from "../anomalies/card.ts";
import type { Episode, Resolution } from "../anomalies/episode.ts";
import type { EpisodeEvidence } from "../anomalies/evidence.ts";
import type { Card } from "../chat/card.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { listChannels } from "./channels.ts";
import { oweAlert, oweNotice } from "./deliveries.ts";
import { listMutes } from "./mutes.ts";
import { accepts } from "./policy.ts";

/** An episode as it is told now. */
export interface Telling {
  eventId: string;
  episode: Episode;
  resolution?: Resolution;
  evidence: EpisodeEvidence | undefined;
}

/** Owes what is new of an episode to the alert channels whose policy lets it through, in the transaction that keeps it. */
export async function oweAlerts(
  scope: TenantScope,
  db: Queryable,
  telling: Telling,
  nowMs: number,
): Promise<void> {
  const { episode, eventId } = telling;
  const mutes = await listMutes(scope, nowMs);
  const isMuted = mutes.some(({ service }) => service === episode.service);
  const card = anomalyCard(telling);
  for (const channel of await listChannels(scope, "alerts")) {
    const isWanted = !isMuted && accepts(channel.policy, episode, nowMs);
    await oweAlert(scope, db, { ...channel, channel: channel.externalId, eventId, card, isWanted }, nowMs);
  }
}

/** Owes a message that is about no single episode to every alert channel, once for each `notice`. */
export async function oweNotices(
  scope: TenantScope,
  db: Queryable,
  notice: string,
  card: Card,
  nowMs: number,
): Promise<void> {
  for (const { workspaceId, externalId } of await listChannels(scope, "alerts"))
    await oweNotice(scope, db, { workspaceId, channel: externalId, notice, card }, nowMs);
}
