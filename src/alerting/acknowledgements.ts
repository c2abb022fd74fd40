import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { withAcknowledgement } from "./acknowledgedCard.ts";
import { listAlerts, oweAlert } from "./alertDeliveries.ts";

/** Somebody looks into an episode. */
export interface Acknowledgement {
  by: string;
  atMs: number;
}

/** `over`: there was nothing left to look into. */
export type Acknowledged = { is: "new" | "old"; acknowledgement: Acknowledgement } | { is: "over" };

/**
 * Keeps who looks into an episode, and owes that to every channel that was told of it. The first one counts.
 * @returns undefined where there is no such episode
 */
export async function acknowledgeEpisode(
  scope: TenantScope,
  { eventId, by }: { eventId: string; by: string },
  nowMs: number,
): Promise<Acknowledged | undefined> {
  return scope.transaction(async (db) => {
    // A scan that is keeping the episode holds its row: what it owes stands there when this goes on.
    const { rows } = await db.query<{ id: string }>(
      `\
update anomaly_events set acknowledged_by = $3, acknowledged_at = to_timestamp($4 / 1000.0)
where tenant_id = $1 and id = $2 and acknowledged_at is null and resolved_at is null
returning id`,
      [scope.tenantId, eventId, by, nowMs],
    );
    if (rows.length === 0) return stateOf(scope, db, eventId);
    const acknowledgement = { by, atMs: nowMs };
    for (const alert of await listAlerts(scope, db, eventId))
      await oweAlert(scope, db, { ...alert, card: withAcknowledgement(alert.card, acknowledgement) });
    return { is: "new", acknowledgement };
  });
}

async function stateOf(
  scope: TenantScope,
  db: Queryable,
  eventId: string,
): Promise<Acknowledged | undefined> {
  const acknowledgement = await findAcknowledgement(scope, db, eventId);
  if (acknowledgement !== undefined) return { is: "old", acknowledgement };
  const { rows } = await db.query("select from anomaly_events where tenant_id = $1 and id = $2", [
    scope.tenantId,
    eventId,
  ]);
  return rows.length === 0 ? undefined : { is: "over" };
}

/** Undefined where nobody has said so. */
export async function findAcknowledgement(
  scope: TenantScope,
  db: Queryable,
  eventId: string,
): Promise<Acknowledgement | undefined> {
  const { rows } = await db.query<{ acknowledged_by: string; acknowledged_at: Date }>(
    `\
select acknowledged_by, acknowledged_at from anomaly_events
where tenant_id = $1 and id = $2 and acknowledged_at is not null`,
    [scope.tenantId, eventId],
  );
  const row = rows[0];
  return row && { by: row.acknowledged_by, atMs: row.acknowledged_at.getTime() };
}
