import type { Asked } from "../database.ts";

/** What keeps tenants apart in the database: the roles the program acts as, and the tables they are bound in. */
export interface Wall {
  /** Who owns the tables, or will: the login that runs the migrations. */
  owner: string;
  missingRoles: string[];
  /** Roles that row-level security does not bind, and why. */
  unboundRoles: Unbound[];
  /** Tables that a role owns which it should only use: an owner may take the wall down. */
  owned: { table: string; role: string }[];
  /** Tables of tenants whose rows are not told apart. */
  open: string[];
}

interface Unbound {
  role: string;
  why: "is a superuser" | "has BYPASSRLS";
}

const ROLES = ["loghunter_app", "loghunter_directory"];

/** Reads the server's catalogue, as any login may. */
export async function inspectWall(db: Asked): Promise<Wall> {
  const { rows: roles } = await db.query<{ role: string; rolsuper: boolean; rolbypassrls: boolean }>(
    "select rolname::text as role, rolsuper, rolbypassrls from pg_roles where rolname = any ($1) order by rolname",
    [ROLES],
  );
  const { rows: tables } = await db.query<{ table: string; owner: string; is_closed: boolean }>(
    `\
select c.relname::text as table, pg_get_userbyid(c.relowner)::text as owner,
  c.relrowsecurity and c.relforcerowsecurity and coalesce((
    select bool_and(pg_get_expr(p.polqual, p.polrelid) like '%current_tenant_id()%')
    from pg_policy p
    where p.polrelid = c.oid and p.polpermissive and p.polroles && array[0, to_regrole('loghunter_app')::oid]
  ), false) as is_closed
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and (
  c.relname = 'tenants'
  or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
)
order by c.relname`,
  );
  const { rows: login } = await db.query<{ name: string }>("select current_user::text as name");
  return {
    owner: tables.find(({ owner }) => !ROLES.includes(owner))?.owner ?? login[0]?.name ?? "",
    missingRoles: ROLES.filter((role) => !roles.some((one) => one.role === role)),
    unboundRoles: roles.flatMap(({ role, rolsuper, rolbypassrls }): Unbound[] => {
      if (rolsuper) return [{ role, why: "is a superuser" }];
      return rolbypassrls ? [{ role, why: "has BYPASSRLS" }] : [];
    }),
    owned: tables.flatMap(({ table, owner }) => (ROLES.includes(owner) ? [{ table, role: owner }] : [])),
    open: tables.flatMap(({ table, is_closed }) => (is_closed ? [] : [table])),
  };
}

/** Whether a session as the program opens them acts as its role, and sees nothing of any tenant before one is named. */
export async function tryWall(db: Asked): Promise<{ actsAs: string; seesTenants: boolean }> {
  const { rows } = await db.query<{ role: string; sees: boolean }>(
    "select current_user::text as role, exists (select from tenants) as sees",
  );
  return { actsAs: rows[0]?.role ?? "", seesTenants: rows[0]?.sees === true };
}
