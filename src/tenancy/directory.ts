import { type Database, storable } from "../database.ts";
import { databaseTrouble } from "../databaseTrouble.ts";
import { type Ask, type Backlog, createBacklog } from "./backlog.ts";
import { unconnectedOrg } from "./installations.ts";
import { hashOf } from "./invitations.ts";
import { type KeyAtDoor, type KeyAtDoorRow, keyAtDoor, SELECT_KEY } from "./keyDoor.ts";
import { issueScope, type TenantScope } from "./scope.ts";
import { type TenantRow, tenantOf } from "./tenantRow.ts";

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
 * The one door from outside ids to tenants, and with its backlog the only place that looks across them. It reads ids;
 * whatever a tenant owns is then reached through the scope it hands out.
 */
export interface TenantDirectory extends Backlog {
  findWorkspace(platform: string, externalId: string): Promise<Workspace | undefined>;
  workspaceById(tenantId: string, workspaceId: string): Promise<Workspace | undefined>;
  scopeOf(tenantId: string): Promise<TenantScope | undefined>;
  /** The tenant that has this log organisation. */
  tenantIdOf(lokiOrgId: string): Promise<string | undefined>;
  /** The API key of this id, of whichever tenant, revoked or not. */
  keyById(id: string): Promise<KeyAtDoor | undefined>;
  /** Maps a workspace to the tenant of this log organisation, and makes the tenant where there is none. */
  connect(request: Connect): Promise<Workspace>;
  /** The tenant of an organisation, made where there is none yet: for invitations to it. */
  tenantOf(lokiOrgId: string): Promise<TenantScope>;
  /** The workspaces that are connected to a tenant, in the order in which they came. */
  workspacesOf(scope: TenantScope): Promise<Workspace[]>;
  /** Whether it is an invitation to an organisation that can still be used. */
  isInvitation(word: string, lokiOrgId: string, nowMs: number): Promise<boolean>;
  /** Uses up an invitation, and connects as it lets: both or neither. @returns undefined where it is none, was used or is over. */
  join(request: Connect, invitation: Invitation): Promise<Workspace | undefined>;
}

export interface Connect {
  platform: string;
  externalId: string;
  workspaceName: string;
  lokiOrgId: string;
  /** The platform's id of the person who connects it; absent where the operator's settings do. */
  connectedBy?: string;
}

export interface Invitation {
  word: string;
  nowMs: number;
}

export function createDirectory(database: Pick<Database, "app" | "directory" | "watch">): TenantDirectory {
  const { directory, watch } = database;
  const ask: Ask = <Row extends object>(text: string, values: unknown[]) =>
    watch("directory", () => directory.query<Row>(text, values.map(storable))).catch((error: unknown) => {
      throw databaseTrouble(error) ?? error;
    });
  // `do nothing` returns no row for a tenant that was there, and `do update` would need the right to.
  const addTenant = (lokiOrgId: string) =>
    ask("insert into tenants (name, loki_org_id) values ($1, $1) on conflict (loki_org_id) do nothing", [
      lokiOrgId,
    ]);
  const scopeFrom = (row: TenantRow): TenantScope => issueScope(database, tenantOf(row));
  const workspaceFrom = (row: WorkspaceRow): Workspace => ({
    id: row.workspace_id,
    platform: row.platform,
    externalId: row.external_id,
    name: row.workspace_name,
    scope: scopeFrom(row),
    ...(row.told_person !== null && { toldPerson: row.told_person }),
  });

  return {
    ...createBacklog(ask, scopeFrom),

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

    async keyById(id) {
      const { rows } = await ask<KeyAtDoorRow>(SELECT_KEY, [id]);
      return rows[0] && keyAtDoor(rows[0], scopeFrom(rows[0]));
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

    async connect(request) {
      return (await connectOnce(request)) as Workspace;
    },

    join: connectOnce,

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
  };

  async function connectOnce(
    { platform, externalId, workspaceName, lokiOrgId, connectedBy }: Connect,
    invitation?: Invitation,
  ): Promise<Workspace | undefined> {
    await addTenant(lokiOrgId);
    const { rows } = await ask<WorkspaceRow>(
      `\
with used as (
  update invitations set used_at = to_timestamp($7::float8 / 1000.0)
  where code_hash = $6 and used_at is null and expires_at > to_timestamp($7::float8 / 1000.0)
    and tenant_id = (select id from tenants where loki_org_id = $4)
  returning id
),
t as (
  select id, name, loki_org_id from tenants
  where loki_org_id = $4 and ($6::text is null or exists (select from used))
),
w as (
  insert into workspaces (tenant_id, platform, external_id, name, told_person, connected_at)
  select id, $1, $2, $3, $5, now() from t
  on conflict (platform, external_id) do update set tenant_id = excluded.tenant_id, name = excluded.name,
    told_person = coalesce(excluded.told_person, workspaces.told_person), connected_at = excluded.connected_at
  returning id, platform, external_id, name, tenant_id, told_person
)
select ${WORKSPACE} from w join t on t.id = w.tenant_id`,
      [
        ...[platform, externalId, workspaceName, lokiOrgId, connectedBy ?? null],
        invitation === undefined ? null : hashOf(invitation.word),
        invitation?.nowMs ?? null,
      ],
    );
    if (rows[0] === undefined) return undefined;
    await ask("delete from tenants where loki_org_id = $1", [unconnectedOrg(platform, externalId)]);
    return workspaceFrom(rows[0]);
  }
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
