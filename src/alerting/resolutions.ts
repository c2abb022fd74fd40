import { duration } from "../analysis/words.ts";
import { verdictButtons } from "../anomalies/card.ts";
import type { Card, Fact } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { listStates, oweState } from "./alertDeliveries.ts";
import { incidentCard, isProof } from "./incidentCard.ts";
import { lockIncident, type Member } from "./incidents.ts";
import { type Mark, withFacts, withMarks } from "./markedCard.ts";
import { readMarks } from "./marks.ts";

/**
 * Ends an episode, and what has the same message, because somebody says so, and owes that to every channel that was told of it.
 * What goes on all the same is not told again, unless it gets worse.
 * @returns how many were ended; undefined where there is no such episode
 */
export async function resolveIncident(
  scope: TenantScope,
  { eventId, by }: { eventId: string; by: string },
  nowMs: number,
): Promise<number | undefined> {
  return scope.transaction(async (db) => {
    const members = await lockIncident(scope, db, eventId);
    if (members.length === 0) return undefined;
    const open = members.filter(({ resolution }) => resolution === undefined);
    if (open.length === 0) return 0;
    await db.query(
      `\
update anomaly_events set resolved_at = greatest(detected_at, to_timestamp($3 / 1000.0)), resolution = 'by hand', resolved_by = $4
where tenant_id = $1 and id = any($2::uuid[]) and resolved_at is null`,
      [scope.tenantId, open.map(({ id }) => id), nowMs, by],
    );
    const about = { by, atMs: nowMs, leaderId: eventId, members };
    const marks = await readMarks(scope, db, eventId, members, nowMs);
    for (const state of await listStates(scope, db, eventId)) {
      const card = resolvedCard(state.card, about, marks);
      await oweState(scope, db, { ...state, of: { eventId }, card });
    }
    return open.length;
  });
}

export interface ResolvedBy {
  by: string;
  atMs: number;
  leaderId: string;
  members: readonly Member[];
}

/**
 * The card of an incident that somebody has ended: nothing of it goes on, who ended it, when and after how long, and only the
 * buttons for what can still be said of it.
 */
export function resolvedCard(before: Card, about: ResolvedBy, marks: readonly Mark[]): Card {
  const { by, atMs, leaderId, members } = about;
  const startedAtMs = Math.min(...members.map((member) => member.startedAtMs));
  const after = duration(Math.max(60_000, atMs - startedAtMs));
  const fact: Fact = { label: "Resolved", value: [`${by}, `, { atMs, show: "time" }, ` (after ${after})`] };
  const card = withMarks(endedCard(before, leaderId, members), marks);
  return {
    ...withFacts(card, (facts) => [...facts, fact]),
    tone: "good",
    badge: "RESOLVED",
    actions: verdictButtons(leaderId),
  };
}

function endedCard(card: Card, leaderId: string, members: readonly Member[]): Card {
  const [only] = members;
  if (members.length === 1 && only !== undefined)
    return { ...card, title: `${shownName(only.service)}: resolved` };
  const ended = members.map((member) => ({ resolution: "by hand" as const, ...member }));
  return incidentCard({ leaderId, members: ended, evidence: card.body.filter(isProof) });
}
