import { isWorse, SEVERITIES, type Severity } from "../anomalies/metric.ts";
import { stateOf, unitOf, valueText } from "../anomalies/words.ts";
import type { Card } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import { toJsonb } from "../database.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Channel } from "./channels.ts";
import { worstOf } from "./incidentCard.ts";
import type { Member } from "./incidents.ts";

/** What is less is seen in the message itself. */
const LEAST: Severity = "HIGH";

/**
 * How bad an incident has become just now, where it was not before: what is said in the thread of its message, since an edit
 * calls nobody. Undefined otherwise.
 * @param changed the episodes that began or got worse
 */
export function escalationOf(members: readonly Member[], changed: ReadonlySet<string>): Severity | undefined {
  const open = members.filter(({ resolution }) => resolution === undefined);
  const now = worstOf(open.filter(({ id }) => changed.has(id)));
  const before = open.filter(({ id }) => !changed.has(id));
  if (changed.size === 0 || isWorse(LEAST, now)) return undefined;
  return before.some(({ severity }) => !isWorse(now, severity)) ? undefined : now;
}

/** What is said in the thread: which service, and how far off it is by now. */
export function escalationCard(members: readonly Member[], severity: Severity): Card {
  const worst = members.find(
    (member) => member.resolution === undefined && member.severity === severity,
  ) as Member;
  const { service, metric, observedValue, baselineValue } = worst;
  return {
    title: `${shownName(service)}: now ${severity}`,
    tone: "critical",
    badge: severity,
    body: [
      {
        kind: "text",
        text: [
          `${capitalised(stateOf(worst))}: `,
          { strong: valueText(metric, observedValue) },
          ` ${unitOf(metric)} where ${valueText(metric, baselineValue)} was usual.`,
        ],
      },
    ],
  };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Owes it in the thread of an incident's message, once for each severity. */
export async function oweEscalation(
  scope: TenantScope,
  db: Queryable,
  { workspaceId, externalId }: Pick<Channel, "workspaceId" | "externalId">,
  { leaderId, severity, card }: { leaderId: string; severity: Severity; card: Card },
): Promise<void> {
  await db.query(
    `\
insert into deliveries (tenant_id, workspace_id, channel, anomaly_event_id, kind, sequence, card)
values ($1, $2, $3, $4, 'escalation', $5, $6)
on conflict do nothing`,
    [scope.tenantId, workspaceId, externalId, leaderId, SEVERITIES.indexOf(severity), toJsonb(card)],
  );
}
