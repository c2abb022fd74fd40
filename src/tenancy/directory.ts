import { type Database, databaseTrouble, storable } from "../database.ts";
import { hasComeSql } from "./dueTimes.ts";
import { type DueWatch, isDueSql, isFreeSql } from "./dueWatches.ts";
import { unconnectedOrg } from "./installations.ts";
import { hashOf } from "./invitations.ts";
import { issueScope, type TenantIdentity, type TenantScope } from "./scope.ts";

/** A chat workspace and the right to act for the tenant it is mapped to. */
export interface Workspace {
  id: string;
  platform: string;
  /** The platform's own id of the team or guild. */
  externalId: string;
  name: string;
  scope: TenantScope;
  /** The platform's id of who is told when something is broken. */
  toldPerson?: string;
}

/**
 * The one door from outside ids to tenants, and the only place that looks across them. It reads ids;
 * whatever a tenant owns is then reached through the scope it hands out.
 */
export interface TenantDirectory {
  findWorkspace(platform: string, externalId: string): Promise<Workspace | undefined>;
  workspaceById(tenantId: string, workspaceId: string): Promise<Workspace | undefined>;
  scopeOf(tenantId: string): Promise<TenantScope | undefined>;
  /** The tenant that has this log organisation. */
  tenantIdOf(lokiOrgId: string): Promise<string | undefined>;
  /** Maps a workspace to the tenant of this log organisation, and makes the tenant where there is none. */
  connect(request: Connect): Promise<Workspace>;
  /** The tenant of an organisation, made where there is none yet: for invitations to it. */
  tenantOf(lokiOrgId: string): Promise<TenantScope>;
  /** The workspaces that are connected to a tenant, in the order in which they came. */
  workspacesOf(scope: TenantScope): Promise<Workspace[]>;
  /** Whether it is an invitation to an organisation that can still be used. */
  isInvitation(word: string, lokiOrgId: string, nowMs: number): Promise<boolean>;
  /** Uses up an invitation to an organisation. @returns false where it is none, was used or is over. */
  useInvitation(word: string, lokiOrgId: string, nowMs: number): Promise<boolean>;
  /** Tenants that owe a message now, the longest waiting first; by the database's clock where no other is given. */
  tenantsWithDueDeliveries(nowMs: number | undefined, limit: number): Promise<TenantScope[]>;
  /** How many messages are owed to all tenants together, by the database's clock. */
  countDeliveries(): Promise<DeliveryCounts>;
  /**
   * Tenants with a workspace whose services were not scanned up to `dueMs`, and that nobody scans now: those first that this
   * owner scanned last.
   * @param asked.failing those whose logs could not be read last time, or the others
   */
  tenantsToScan(asked: DueWatch & { failing: boolean }, limit: number): Promise<TenantScope[]>;
  /** All tenants in the order of their ids, those after one. */
  tenants(afterId: string | undefined, limit: number): Promise<TenantScope[]>;
  /** Questions of all tenants, asked before then, that nobody has answered yet. */
  unansweredConversations(
    createdBeforeMs: number,
    limit: number,
  ): Promise<{ scope: TenantScope; id: string }[]>;
  /** The same of questions about what was found. */
  unansweredTurns(createdBeforeMs: number, limit: number): Promise<{ scope: TenantScope; id: string }[]>;
}

export interface DeliveryCounts {
  pending: number;
  /** Of those that are pending, the ones somebody is sending. */
  inHand: number;
  /** How long the oldest of those that are pending has waited; absent where none is. */
  oldestForMs?: number;
  refused: number;
}

export interface Connect {
  platform: string;
  externalId: string;
  workspaceName: string;
  lokiOrgId: string;
  /** The platform's id of the person who connects it; absent where the operator's settings do. */
  connectedBy?: string;
}

export function createDirectory({ app, directory }: Database): TenantDirectory {
  const ask = <Row extends object>(text: string, values: unknown[]) =>
    directory.query<Row>(text, values.map(storable)).catch((error: unknown) => {
      throw databaseTrouble(error) ?? error;
    });
  // `do nothing` returns no row for a tenant that was there, and `do update` would need the right to.
  const addTenant = (lokiOrgId: string) =>
    ask("insert into tenants (name, loki_org_id) values ($1, $1) on conflict (loki_org_id) do nothing", [
      lokiOrgId,
    ]);
  const scopeFrom = (row: TenantRow): TenantScope => issueScope(app, tenantOf(row));
  const workspaceFrom = (row: WorkspaceRow): Workspace => ({
    id: row.workspace_id,
    platform: row.platform,
    externalId: row.external_id,
    name: row.workspace_name,
    scope: scopeFrom(row),
    ...(row.told_person !== null && { toldPerson: row.told_person }),
  });

  return {
    async findWorkspace(platform, externalId) {
      const { rows } = await ask<WorkspaceRow>(
        `\
select ${WORKSPACE} from workspaces w join tenants t on t.id = w.tenant_id
where w.platform = $1 and w.external_id = $2 and w.connected_at is not null`,
        [platform, externalId],
      );
      return rows[0] && workspaceFrom(rows[0]);
    },

    async workspaceById(tenantId, workspaceId) {
      const { rows } = await ask<WorkspaceRow>(
        `\
select ${WORKSPACE} from workspaces w join tenants t on t.id = w.tenant_id
where w.tenant_id = $1 and w.id = $2`,
        [tenantId, workspaceId],
      );
      return rows[0] && workspaceFrom(rows[0]);
    },

    async scopeOf(tenantId) {
      const { rows } = await ask<TenantRow>(
        "select id as tenant_id, name, loki_org_id from tenants where id = $1",
        [tenantId],
      );
      return rows[0] && scopeFrom(rows[0]);
    },

    async tenantIdOf(lokiOrgId) {
      const { rows } = await ask<{ id: string }>("select id from tenants where loki_org_id = $1", [
        lokiOrgId,
      ]);
      return rows[0]?.id;
    },

    async tenantOf(lokiOrgId) {
      await addTenant(lokiOrgId);
      const { rows } = await ask<TenantRow>(
        "select id as tenant_id, name, loki_org_id from tenants where loki_org_id = $1",
        [lokiOrgId],
      );
      return scopeFrom(rows[0] as TenantRow);
    },

    async workspacesOf({ tenantId }) {
      const { rows } = await ask<WorkspaceRow>(
        `\
select ${WORKSPACE} from workspaces w join tenants t on t.id = w.tenant_id
where w.tenant_id = $1 and w.connected_at is not null
order by w.connected_at, w.id limit 200`,
        [tenantId],
      );
      return rows.map(workspaceFrom);
    },

    async connect({ platform, externalId, workspaceName, lokiOrgId, connectedBy }) {
      await addTenant(lokiOrgId);
      const { rows } = await ask<WorkspaceRow>(
        `\
with t as (select id, name, loki_org_id from tenants where loki_org_id = $4),
w as (
  insert into workspaces (tenant_id, platform, external_id, name, told_person, connected_at)
  select id, $1, $2, $3, $5, now() from t
  on conflict (platform, external_id) do update set tenant_id = excluded.tenant_id, name = excluded.name,
    told_person = coalesce(excluded.told_person, workspaces.told_person), connected_at = excluded.connected_at
  returning id, platform, external_id, name, tenant_id, told_person
)
select ${WORKSPACE} from w join t on t.id = w.tenant_id`,
        [platform, externalId, workspaceName, lokiOrgId, connectedBy ?? null],
      );
      await ask("delete from tenants where loki_org_id = $1", [unconnectedOrg(platform, externalId)]);
      return workspaceFrom(rows[0] as WorkspaceRow);
    },

    async isInvitation(word, lokiOrgId, nowMs) {
      const { rows } = await ask(
        `\
select i.id from invitations i join tenants t on t.id = i.tenant_id
where i.code_hash = $1 and t.loki_org_id = $2 and i.used_at is null
  and i.expires_at > to_timestamp($3::float8 / 1000.0)`,
        [hashOf(word), lokiOrgId, nowMs],
      );
      return rows.length > 0;
    },

    async useInvitation(word, lokiOrgId, nowMs) {
      const { rows } = await ask(
        `\
update invitations set used_at = to_timestamp($3::float8 / 1000.0)
where code_hash = $1 and used_at is null and expires_at > to_timestamp($3::float8 / 1000.0)
  and tenant_id = (select id from tenants where loki_org_id = $2)
returning id`,
        [hashOf(word), lokiOrgId, nowMs],
      );
      return rows.length > 0;
    },

    async tenantsWithDueDeliveries(nowMs, limit) {
      const { rows } = await ask<TenantRow>(
        `\
select t.id as tenant_id, t.name, t.loki_org_id
from tenants t join (
  select tenant_id, min(next_attempt_at) as waiting_since
  from deliveries, (select coalesce(to_timestamp($1::float8 / 1000.0), clock_timestamp()) as at) clock
  where state = 'pending' and ${hasComeSql("next_attempt_at")}
    and (lease_until is null or ${hasComeSql("lease_until")})
  group by tenant_id
) due on due.tenant_id = t.id
order by due.waiting_since
limit $2`,
        [nowMs ?? null, limit],
      );
      return rows.map(scopeFrom);
    },

    async countDeliveries() {
      const { rows } = await ask<{
        pending: number;
        in_hand: number;
        oldest_for_ms: number | null;
        refused: number;
      }>(
        `\
select count(*)::int as pending, count(*) filter (where lease_until > clock_timestamp())::int as in_hand,
  (extract(epoch from clock_timestamp() - min(created_at)) * 1000)::float8 as oldest_for_ms,
  (select count(*)::int from deliveries where state = 'refused') as refused
from deliveries where state = 'pending'`,
        [],
      );
      const row = rows[0];
      return {
        pending: row?.pending ?? 0,
        inHand: row?.in_hand ?? 0,
        ...(row?.oldest_for_ms != null && { oldestForMs: row.oldest_for_ms }),
        refused: row?.refused ?? 0,
      };
    },

    async tenantsToScan({ dueMs, nowMs, owner, failing }, limit) {
      const { rows } = await ask<TenantRow>(
        `\
select t.id as tenant_id, t.name, t.loki_org_id
from tenants t left join watches w on w.tenant_id = t.id
where exists (select from workspaces s where s.tenant_id = t.id and s.connected_at is not null)
  and ${isDueSql("$1")} and ${isFreeSql("$2")} and (w.failing_since is not null) = $5
order by (w.last_owner = $3) desc nulls last, w.scanned_until nulls first, t.id
limit $4`,
        [dueMs, nowMs, owner, limit, failing],
      );
      return rows.map(scopeFrom);
    },

    async tenants(afterId, limit) {
      const { rows } = await ask<TenantRow>(
        `\
select id as tenant_id, name, loki_org_id from tenants where $1::uuid is null or id > $1
order by id limit $2`,
        [afterId ?? null, limit],
      );
      return rows.map(scopeFrom);
    },

    async unansweredConversations(createdBeforeMs, limit) {
      const { rows } = await ask<TenantRow & { id: string }>(
        `\
select c.id, t.id as tenant_id, t.name, t.loki_org_id
from conversations c join tenants t on t.id = c.tenant_id
where c.state = 'queued' and c.created_at < to_timestamp($1 / 1000.0)
order by c.created_at
limit $2`,
        [createdBeforeMs, limit],
      );
      return rows.map((row) => ({ scope: scopeFrom(row), id: row.id }));
    },

    async unansweredTurns(createdBeforeMs, limit) {
      const { rows } = await ask<TenantRow & { id: string }>(
        `\
select m.id, t.id as tenant_id, t.name, t.loki_org_id
from conversation_messages m join tenants t on t.id = m.tenant_id
where m.state = 'queued' and m.created_at < to_timestamp($1 / 1000.0)
order by m.created_at
limit $2`,
        [createdBeforeMs, limit],
      );
      return rows.map((row) => ({ scope: scopeFrom(row), id: row.id }));
    },
  };
}

interface TenantRow {
  tenant_id: string;
  name: string;
  loki_org_id: string;
}

interface WorkspaceRow extends TenantRow {
  workspace_id: string;
  platform: string;
  external_id: string;
  workspace_name: string;
  told_person: string | null;
}

const WORKSPACE = `\
w.id as workspace_id, w.platform, w.external_id, w.name as workspace_name, w.told_person, t.id as tenant_id, t.name,
  t.loki_org_id`;

function tenantOf(row: TenantRow): TenantIdentity {
  return { id: row.tenant_id, name: row.name, lokiOrgId: row.loki_org_id };
}
