import { ROLES, type Role } from "../chat/command.ts";
import type { Person } from "../chat/platform.ts";
import { beAlone } from "./alone.ts";
import type { Workspace } from "./directory.ts";
import type { Queryable } from "./scope.ts";

/** What somebody may do whom no admin has given a role: look into logs and ask for root causes. */
const DEFAULT_ROLE: Role = "responder";

/**
 * The role of a person in a workspace: the one an admin gave, else admin for the platform's admins, none for its guests,
 * and the default for everybody else.
 */
export async function roleOf(workspace: Workspace, person: Person): Promise<Role | undefined> {
  return workspace.scope.transaction((db) => roleIn(workspace, db, person));
}

/** The same for who is about to change roles: whoever does is alone with it until the transaction ends. */
export async function roleToChangeRoles(
  workspace: Workspace,
  db: Queryable,
  person: Person,
): Promise<Role | undefined> {
  await beAlone(db, "roles", workspace.id);
  return roleIn(workspace, db, person);
}

async function roleIn({ scope, id }: Workspace, db: Queryable, person: Person): Promise<Role | undefined> {
  const { rows } = await db.query<{ role: Role }>(
    "select role from members where tenant_id = $1 and workspace_id = $2 and external_id = $3",
    [scope.tenantId, id, person.id],
  );
  if (rows[0] !== undefined) return rows[0].role;
  if (person.platformAdmin) return "admin";
  return person.guest === true ? undefined : DEFAULT_ROLE;
}

export interface Member {
  /** The platform's id. */
  externalId: string;
  role: Role;
}

/** Gives somebody a role, in the place of the one they had. */
export async function setRole(
  { id, scope }: Workspace,
  db: Queryable,
  externalId: string,
  role: Role,
): Promise<void> {
  await db.query(
    `\
insert into members (tenant_id, workspace_id, external_id, role) values ($1, $2, $3, $4)
on conflict (tenant_id, workspace_id, external_id) do update set role = excluded.role`,
    [scope.tenantId, id, externalId, role],
  );
}

/** Those whom somebody gave a role in this workspace, admins first. */
export async function listMembers({ id, scope }: Workspace, limit: number): Promise<Member[]> {
  const rows = await scope.query<{ external_id: string; role: Role }>(
    `\
select external_id, role from members where tenant_id = $1 and workspace_id = $2
order by array_position(array['admin', 'responder', 'viewer'], role), created_at limit $3`,
    [scope.tenantId, id, limit],
  );
  return rows.map((row) => ({ externalId: row.external_id, role: row.role }));
}

/** Whether a role includes what another one may do. */
export function mayAct(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
