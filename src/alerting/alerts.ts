import { anomalyCard } from "../anomalies/card.ts";
import type { Episode, Resolution } from "../anomalies/episode.ts";
import type { EpisodeEvidence } from "../anomalies/evidence.ts";
import type { Card } from "../chat/card.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { withAcknowledgement } from "./acknowledgedCard.ts";
import { findAcknowledgement } from "./acknowledgements.ts";
import { oweAlert } from "./alertDeliveries.ts";
import type { Channel } from "./channels.ts";
import { oweNotice } from "./deliveries.ts";
import { withMentions } from "./mentions.ts";

/** An episode as it is told now. */
export interface Telling {
  eventId: string;
  episode: Episode;
  resolution?: Resolution;
  evidence: EpisodeEvidence | undefined;
}

/** Owes what is new of an episode to channels, in the transaction that keeps it. */
export async function oweAlerts(
  scope: TenantScope,
  db: Queryable,
  channels: readonly Channel[],
  telling: Telling,
  nowMs: number,
): Promise<void> {
  const acknowledgement = await findAcknowledgement(scope, db, telling.eventId);
  const plain = anomalyCard(telling);
  const card = acknowledgement === undefined ? plain : withAcknowledgement(plain, acknowledgement);
  for (const { workspaceId, externalId, policy } of channels) {
    const told = withMentions(card, policy, telling.episode.severity);
    await oweAlert(
      scope,
      db,
      { workspaceId, channel: externalId, eventId: telling.eventId, card: told },
      nowMs,
    );
  }
}

/** Owes a message that is about no single episode to channels, once for each `notice`. */
export async function oweNotices(
  scope: TenantScope,
  db: Queryable,
  channels: readonly Channel[],
  { notice, card }: { notice: string; card: Card },
  nowMs: number,
): Promise<void> {
  for (const { workspaceId, externalId } of channels)
    await oweNotice(scope, db, { workspaceId, channel: externalId, notice, card }, nowMs);
}
