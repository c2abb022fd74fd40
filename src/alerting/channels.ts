import { toJsonb } from "../database.ts";
import type { Workspace } from "../tenancy/directory.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { type Policy, readPolicy } from "./policy.ts";

export type Purpose = "alerts" | "keys";

/** A chat channel that is for something. */
export interface Channel {
  workspaceId: string;
  /** The platform's id. */
  externalId: string;
  purpose: Purpose;
  policy: Policy;
}

/** Makes a channel be for something; its policy stays what it was. */
export async function setPurpose(
  { id, scope }: Workspace,
  db: Queryable,
  channel: string,
  purpose: Purpose,
  setBy: string,
): Promise<void> {
  await db.query(
    `\
insert into channels (tenant_id, workspace_id, external_id, purpose, set_by) values ($1, $2, $3, $4, $5)
on conflict (tenant_id, workspace_id, external_id, purpose) do update set set_by = excluded.set_by`,
    [scope.tenantId, id, channel, purpose, setBy],
  );
}

/** What is wrong with a channel that is for nothing any more is nothing to mend. @returns false where it was not for that. */
export async function endPurpose(
  { id, scope }: Workspace,
  db: Queryable,
  channel: string,
  purpose: Purpose,
): Promise<boolean> {
  const { rows } = await db.query(
    `\
delete from channels where tenant_id = $1 and workspace_id = $2 and external_id = $3 and purpose = $4
returning id`,
    [scope.tenantId, id, channel, purpose],
  );
  await db.query(
    `\
delete from channel_troubles t where t.tenant_id = $1 and t.workspace_id = $2 and t.channel = $3 and not exists (
  select from channels c where c.tenant_id = $1 and c.workspace_id = $2 and c.external_id = $3
)`,
    [scope.tenantId, id, channel],
  );
  return rows.length > 0;
}

/** What the channels of a workspace are for, and what is wrong with them, is over: it leaves. */
export async function forgetChannels({ id, scope }: Workspace, db: Queryable): Promise<void> {
  await db.query("delete from channels where tenant_id = $1 and workspace_id = $2", [scope.tenantId, id]);
  await db.query("delete from channel_troubles where tenant_id = $1 and workspace_id = $2", [
    scope.tenantId,
    id,
  ]);
}

/**
 * @param before the policy that this one was made of: who changes it in the same moment would take it back
 * @returns false where the channel is not for alerts, or has another policy by now
 */
export async function setPolicy(
  { id, scope }: Workspace,
  db: Queryable,
  channel: string,
  policy: Policy,
  before?: Policy,
): Promise<boolean> {
  const { rows } = await db.query<{ policy: unknown }>(
    `\
select policy from channels
where tenant_id = $1 and workspace_id = $2 and external_id = $3 and purpose = 'alerts'
for update`,
    [scope.tenantId, id, channel],
  );
  const [row] = rows;
  if (row === undefined) return false;
  if (before !== undefined && JSON.stringify(readPolicy(row.policy)) !== JSON.stringify(before)) return false;
  await db.query(
    `\
update channels set policy = $4
where tenant_id = $1 and workspace_id = $2 and external_id = $3 and purpose = 'alerts'`,
    [scope.tenantId, id, channel, toJsonb(policy)],
  );
  return true;
}

/** Who last said what a channel is for: they can mend what is wrong with it. Undefined where nobody did. */
export async function whoSet({ id, scope }: Workspace, channel: string): Promise<string | undefined> {
  const rows = await scope.query<{ set_by: string }>(
    `\
select set_by from channels
where tenant_id = $1 and workspace_id = $2 and external_id = $3 and set_by is not null
order by updated_at desc limit 1`,
    [scope.tenantId, id, channel],
  );
  return rows[0]?.set_by;
}

/** What the channels of all of a tenant's workspaces are for, or those of one purpose, by when it was said. */
export async function listChannels(scope: TenantScope, purpose?: Purpose): Promise<Channel[]> {
  const rows = await scope.query<{
    workspace_id: string;
    external_id: string;
    purpose: Purpose;
    policy: unknown;
  }>(
    `\
select workspace_id, external_id, purpose, policy from channels
where tenant_id = $1 and ($2::text is null or purpose = $2)
order by created_at, id limit 5000`,
    [scope.tenantId, purpose ?? null],
  );
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    externalId: row.external_id,
    purpose: row.purpose,
    policy: readPolicy(row.policy),
  }));
}
