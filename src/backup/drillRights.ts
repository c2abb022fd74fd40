import type pg from "pg";
import { UserError } from "../errors.ts";

interface Rights {
  login: string;
  mayCreate: boolean;
  missing: string[];
  notGranted: string[];
}

/**
 * A drill makes a database, and lays out in it who may see what, as the two roles of the application that are in it.
 * @throws UserError with all the statements that give the login what it lacks
 */
export async function mustMayDrill(client: pg.Client): Promise<void> {
  // Since PostgreSQL 16 a login that may create roles may no longer grant itself all that are there.
  const { rows } = await client.query<Rights>(`\
with me as (
  select quote_ident(rolname) as login, rolsuper or rolcreatedb as may_create,
    rolsuper or rolcreaterole as may_create_roles,
    rolcreaterole and current_setting('server_version_num')::int < 160000 as may_grant
  from pg_roles where rolname = current_user
), needed as (
  select name, to_regrole(name) as role from unnest(array['loghunter_app', 'loghunter_directory']) name
)
select login, may_create as "mayCreate",
  array(select name from needed where role is null and not may_create_roles) as missing,
  array(
    select name from needed where not may_grant and role is not null and not pg_has_role(current_user, role, 'member')
  ) as "notGranted"
from me`);
  const { login, mayCreate, missing, notGranted } = rows[0] as Rights;
  const granted = [...missing, ...notGranted].sort();
  const statements = [
    ...(mayCreate ? [] : [`alter role ${login} createdb;`]),
    ...missing.map((role) => `create role ${role} nologin;`),
    ...(granted.length === 0 ? [] : [`grant ${granted.join(", ")} to ${login};`]),
  ];
  if (statements.length === 0) return;
  throw new UserError(
    `A drill restores into a database of its own, and the login of DATABASE_URL lacks rights for that. Let an administrator of the server run this, then try again:\n${statements.map((statement) => `  ${statement}`).join("\n")}`,
  );
}
