import type { TenantScope } from "../tenancy/scope.ts";
import { listStates, oweState } from "./alertDeliveries.ts";
import { lockIncident } from "./incidents.ts";
import { withMarks } from "./markedCard.ts";
import { readMarks } from "./marks.ts";

/** Somebody looks into an episode, and what has the same message. */
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
    const members = await lockIncident(scope, db, eventId);
    if (members.length === 0) return undefined;
    const before = await readMarks(scope, db, eventId, members, nowMs);
    const earlier = before.find(({ kind }) => kind === "acknowledged");
    if (earlier !== undefined) return { is: "old", acknowledgement: { by: earlier.by, atMs: earlier.atMs } };
    const open = members.filter(({ resolution }) => resolution === undefined).map(({ id }) => id);
    if (open.length === 0) return { is: "over" };
    await db.query(
      `\
update anomaly_events set acknowledged_by = $3, acknowledged_at = to_timestamp($4 / 1000.0)
where tenant_id = $1 and id = any($2::uuid[]) and acknowledged_at is null`,
      [scope.tenantId, [eventId, ...open], by, nowMs],
    );
    const acknowledgement = { by, atMs: nowMs };
    const marks = [{ kind: "acknowledged" as const, ...acknowledgement }, ...before];
    for (const state of await listStates(scope, db, eventId))
      await oweState(scope, db, { ...state, of: { eventId }, card: withMarks(state.card, marks) });
    return { is: "new", acknowledgement };
  });
}
