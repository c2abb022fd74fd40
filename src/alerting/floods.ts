import { countOf } from "../analysis/words.ts";
import type { Card } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { oweState } from "./alertDeliveries.ts";
import type { Channel } from "./channels.ts";
import { countFlooded, type EpisodeHold, keepHolds } from "./holds.ts";
import { USUAL_FLOOD } from "./policy.ts";

/** How many new alerts a channel takes in so long; then it is told that there are more, and how many. */
export const FLOOD_WITHIN = "10 minutes";

/** The alerts of one channel within the ten minutes that the database's clock is in. */
export interface Flow {
  since: Date;
  begun: number;
}

/** How many alerts began in a channel within these ten minutes. */
export async function readFlow(
  scope: TenantScope,
  db: Queryable,
  { workspaceId, externalId }: Channel,
): Promise<Flow> {
  const { rows } = await db.query<Flow>(
    `\
with clock as (select date_bin('${FLOOD_WITHIN}', clock_timestamp(), 'epoch') as since)
select since, (
  select count(*)::int from deliveries d
  where d.tenant_id = $1 and d.workspace_id = $2 and d.channel = $3 and d.kind = 'alert' and d.sequence = 0
    and d.created_at >= since
) as begun
from clock`,
    [scope.tenantId, workspaceId, externalId],
  );
  return rows[0] as Flow;
}

/** Why a channel takes no more alerts for now; undefined where it does. What is CRITICAL gets twice as much room. */
export function whyFlooded({ policy }: Channel, { begun }: Flow, isCritical: boolean): string | undefined {
  const most = policy.flood ?? USUAL_FLOOD;
  if (most === 0 || begun < (isCritical ? 2 * most : most)) return undefined;
  return `more than ${countOf(most, "alert", "alerts")} within ten minutes: the channel was told that there are more`;
}

/** What channels have room for, while the incidents of one scan are told of in its transaction. */
export interface Room {
  /** Whether a channel takes one alert more, which is counted; what it does not take is held back. */
  takes(channel: Channel, eventIds: readonly string[], isCritical: boolean): Promise<boolean>;
  /** Keeps what was held back, and says so in each channel. */
  close(): Promise<void>;
}

/**
 * Each channel is looked at once, and told once: where hundreds of incidents begin at once and hundreds of channels want to hear of
 * all, doing so for each of both took longer than a scan may.
 */
export function openRoom(scope: TenantScope, db: Queryable): Room {
  const flows = new Map<string, Flow>();
  const flooded = new Map<string, { channel: Channel; flow: Flow; holds: EpisodeHold[] }>();
  return {
    async takes(channel, eventIds, isCritical) {
      const key = `${channel.workspaceId} ${channel.externalId}`;
      const flow = flows.get(key) ?? (await readFlow(scope, db, channel));
      flows.set(key, flow);
      const reason = whyFlooded(channel, flow, isCritical);
      if (reason === undefined) {
        flow.begun += 1;
        return true;
      }
      const held = flooded.get(key) ?? { channel, flow, holds: [] };
      flooded.set(key, held);
      for (const eventId of eventIds) held.holds.push({ eventId, stage: "flood", reason, channel });
      return false;
    },
    async close() {
      for (const { channel, flow, holds } of flooded.values()) {
        await keepHolds(scope, db, holds);
        await oweFloodNotice(scope, db, channel, flow);
      }
    },
  };
}

/** Says in the channel how much is held back, in one message for each ten minutes. */
export async function oweFloodNotice(
  scope: TenantScope,
  db: Queryable,
  { workspaceId, externalId, policy }: Channel,
  { since }: Flow,
): Promise<void> {
  const held = await countFlooded(scope, db, { workspaceId, channel: externalId }, since);
  if (held.length === 0) return;
  const notice = `flood ${since.toISOString()}`;
  const card = floodCard(held, policy.flood ?? USUAL_FLOOD, since.getTime());
  await oweState(scope, db, { workspaceId, channel: externalId, of: { notice }, card, reports: [] });
}

const SHOWN = 8;

/** What a channel is told instead of each alert. */
export function floodCard(
  held: readonly { service: string; count: number }[],
  most: number,
  sinceMs: number,
): Card {
  const count = held.reduce((sum, each) => sum + each.count, 0);
  const names = held.slice(0, SHOWN).map((each) => shownName(each.service));
  const more = held.length - names.length;
  return {
    title: `${countOf(count, "more alert is", "more alerts are")} held back here`,
    tone: "warning",
    badge: "FLOOD",
    body: [
      {
        kind: "facts",
        facts: [
          { label: "Since", value: [{ atMs: sinceMs, show: "date and time" }] },
          { label: "Services", value: more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ") },
        ],
      },
      {
        kind: "text",
        text: `More than ${countOf(most, "alert", "alerts")} began within ten minutes. What still goes on when it has calmed down is posted then.`,
      },
    ],
    footnote: [
      "Type ",
      { code: "anomalies" },
      " to see them all, ",
      { code: "channel policy flood:20" },
      " for more room.",
    ],
  };
}
