import { ROLES, type Role } from "../chat/command.ts";
import type { Person } from "../chat/platform.ts";
import type { Workspace } from "./directory.ts";

/** What somebody may do whom no admin has given a role: look into logs and ask for root causes. */
const DEFAULT_ROLE: Role = "responder";

/** The role of a person in a workspace: the one an admin gave, else admin for the platform's admins, else the default. */
export async function roleOf(workspace: Workspace, person: Person): Promise<Role> {
  const { scope, id } = workspace;
  const rows = await scope.query<{ role: Role }>(
    "select role from members where tenant_id = $1 and workspace_id = $2 and external_id = $3",
    [scope.tenantId, id, person.id],
  );
  return rows[0]?.role ?? (person.platformAdmin ? "admin" : DEFAULT_ROLE);
}

/** Whether a role includes what another one may do. */
export function mayAct(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
