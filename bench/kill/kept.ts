import type { Card } from "../../src/chat/card.ts";
import { onDatabase } from "../../test/support/postgres.ts";

/** An episode that is kept. */
export interface Episode {
  id: string;
  /** The episode whose message tells of it: itself, unless several are told in one. */
  lead: string;
  tenant: string;
  service: string;
  metric: string;
  notified: boolean;
  isOver: boolean;
  begunMs: number;
}

/** One state of its message that a channel was owed, or what was said in its thread. */
export interface Delivery {
  id: string;
  kind: "alert" | "escalation";
  episode: string;
  channel: string;
  state: string;
  message: string | null;
  card: Card;
}

/** What the database has of all tenants' alerts. */
export async function readKept(databaseUrl: string) {
  return onDatabase(databaseUrl, async (client) => {
    const episodes = await client.query<Episode>(`\
select id, coalesce(to_jsonb(e) ->> 'leader_id', id::text) as lead, tenant_id as tenant, service, metric, notified,
  resolved_at is not null as "isOver", (extract(epoch from created_at) * 1000)::float8 as "begunMs"
from anomaly_events e where not is_shadow order by created_at`);
    const channels = await client.query<{ tenant: string; channel: string }>(
      "select tenant_id as tenant, external_id as channel from channels where purpose = 'alerts'",
    );
    const deliveries = await client.query<Delivery>(`\
select id, kind, anomaly_event_id as episode, channel, state, message_id as message, card from deliveries
where kind in ('alert', 'escalation') order by sequence`);
    return { episodes: episodes.rows, channels: channels.rows, deliveries: deliveries.rows };
  });
}
