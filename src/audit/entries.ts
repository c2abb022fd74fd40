import { toJsonb } from "../database.ts";
import { type PageEnd, pageEndValues, pagesBy } from "../tenancy/pages.ts";
import type { Perishable } from "../tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";

/** Who acted, and from where. */
export type Actor =
  | { kind: "person"; id: string; name: string; workspaceId: string; channel: string }
  | { kind: "key"; id: string; name: string; address: string }
  /** Whoever runs LogHunter, at its terminal. */
  | { kind: "operator" }
  /** Nobody: time has come. */
  | { kind: "loghunter" };

/** What is told of. The word before the point is what it is about. */
export const AUDITED = {
  "key.created": "made an API key",
  "key.rotated": "rotated an API key",
  "key.revoked": "revoked an API key",
  "role.changed": "gave a role",
  "channel.changed": "changed what a channel is for",
  "policy.changed": "changed what a channel is told",
  "watch.changed": "changed how services are watched",
  "redaction.changed": "changed what is redacted",
  "model.changed": "changed which model is asked",
  "filter.changed": "changed a saved filter",
  "tenant.connected": "connected a workspace",
  "tenant.invited": "made an invitation",
  "tenant.changed": "changed a setting of the organisation",
  "access.refused": "was refused",
} as const;
export type Audited = keyof typeof AUDITED;

export interface NewEntry {
  actor: Actor;
  action: Audited;
  /** What it was done to, by name. */
  subject: string;
  /** More of it, without any secret. */
  detail?: Record<string, string>;
}

export interface Entry extends Omit<NewEntry, "detail" | "actor">, PageEnd {
  atMs: number;
  actor: Actor["kind"];
  actorId: string;
  actorName: string;
  workspaceId?: string;
  channel?: string;
  address?: string;
  detail: Record<string, string>;
}

/** Longer texts are cut: the audit tells of them, it does not keep them. */
const MOST_CHARS = 200;

/** Adds an entry, in the transaction that makes it true. */
export async function addEntry(
  scope: TenantScope,
  db: Queryable,
  { actor, action, subject, detail = {} }: NewEntry,
): Promise<void> {
  const cut = Object.fromEntries(
    Object.entries(detail).map(([name, value]) => [name, value.slice(0, MOST_CHARS)]),
  );
  await db.query(
    `\
insert into audit_entries (
  tenant_id, actor, actor_id, actor_name, workspace_id, channel, address, action, subject, detail
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      scope.tenantId,
      actor.kind,
      "id" in actor ? actor.id : "",
      "name" in actor ? actor.name.slice(0, MOST_CHARS) : "",
      "workspaceId" in actor ? actor.workspaceId : null,
      "channel" in actor ? actor.channel : null,
      "address" in actor ? actor.address : null,
      action,
      subject.slice(0, MOST_CHARS),
      toJsonb(cut),
    ],
  );
}

export interface EntryFilter {
  /** What it is about: `key`, `role`. */
  about?: string;
  sinceMs?: number;
  after?: PageEnd;
}

const PAGES = pagesBy("created_at");

/** The latest first. */
export async function listEntries(
  scope: TenantScope,
  { about, sinceMs, after }: EntryFilter,
  limit: number,
): Promise<Entry[]> {
  const rows = await scope.query<EntryRow>(
    `\
select id, created_at, ${PAGES.column}, actor, actor_id, actor_name, workspace_id, channel, address, action, subject, detail
from audit_entries
where tenant_id = $1 and ($2::text is null or about = $2)
  and created_at >= coalesce(to_timestamp($3::float8 / 1000.0), '-infinity') and ${PAGES.after("$4", "$5")}
order by ${PAGES.order}
limit $6`,
    [scope.tenantId, about ?? null, sinceMs ?? null, ...pageEndValues(after), limit],
  );
  return rows.map(entryOf);
}

/** Longer than a year, so that last year's can be looked at; the table's own policies keep them that long. */
export const PAST_ENTRIES: Perishable = {
  table: "audit_entries",
  by: "created_at",
  keptMs: () => 401 * 24 * 60 * 60_000,
};

interface EntryRow {
  id: string;
  created_at: Date;
  at_us: string;
  actor: Actor["kind"];
  actor_id: string;
  actor_name: string;
  workspace_id: string | null;
  channel: string | null;
  address: string | null;
  action: Audited;
  subject: string;
  detail: Record<string, string>;
}

function entryOf(row: EntryRow): Entry {
  return {
    id: row.id,
    atMs: row.created_at.getTime(),
    atUs: row.at_us,
    actor: row.actor,
    actorId: row.actor_id,
    actorName: row.actor_name,
    ...(row.workspace_id !== null && { workspaceId: row.workspace_id }),
    ...(row.channel !== null && { channel: row.channel }),
    ...(row.address !== null && { address: row.address }),
    action: row.action,
    subject: row.subject,
    detail: row.detail,
  };
}
