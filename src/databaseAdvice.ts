import { calledAs } from "./calledAs.ts";
import { type Asked, asLogin } from "./database.ts";
import { codeOf, databaseTrouble, explainUnreachable, hasCode } from "./databaseTrouble.ts";
import { UserError } from "./errors.ts";
import { checkRights } from "./migrations.ts";
import { SIGNS_IN_PASSWORDS } from "./settings/words.ts";

/** SQLSTATE insufficient_privilege. */
const DENIED = "42501";
/** Of PostgreSQL for what the migrations make: a table, a column, a schema, and a role that a session asks for. */
const NOT_LAID_OUT = new Set(["42P01", "42703", "3F000", "22023"]);

/**
 * What an operator can do about a database that cannot be used; the error itself where nobody knows. Tells nothing of the address. With
 * a cause where it could not be reached.
 */
export async function explainDatabase(error: unknown, url = ""): Promise<unknown> {
  if (error instanceof UserError && error.cause === undefined) return error;
  if (hasCode(error, DENIED))
    return (await explainRights(url).catch(() => undefined)) ?? new UserError(LACKS_RIGHTS);
  const explained = explainUnreachable(error, url);
  if (explained instanceof UserError && explained !== error)
    return hasOddSigns(url)
      ? new UserError(`${explained.message} ${capital(SIGNS_IN_PASSWORDS)}.`, { cause: error })
      : explained;
  const trouble = databaseTrouble(error);
  if (trouble !== undefined) return new UserError(trouble.message);
  if (NOT_LAID_OUT.has(codeOf(error)))
    return new UserError(
      `LogHunter's schema in the database of DATABASE_URL is not there, or behind. Run: ${calledAs("migrate")}`,
    );
  return error;
}

const LACKS_RIGHTS =
  "The login of DATABASE_URL lacks rights in LogHunter's database. Use the login that ran its migrations: it owns the tables, and acts as both roles.";

/** Where it holds them as they are, a part of the password was read as the host, the port or the database. */
function hasOddSigns(url: string): boolean {
  return url.includes("#") || url.split("@").length > 2;
}

async function explainRights(url: string): Promise<UserError | undefined> {
  return asLogin(url, async (db) => {
    const other = await ownerOf(db);
    if (other !== undefined) return new UserError(ofAnother(other));
    return checkRights(db).then(
      () => undefined,
      (error: unknown) => (error instanceof UserError ? error : undefined),
    );
  });
}

/** Whose the schema is, where it is another login's. */
async function ownerOf(db: Asked): Promise<OfAnother | undefined> {
  const { rows } = await db.query<OfAnother>(`\
select quote_ident(current_user) as login, quote_ident(r.rolname) as owner, r.rolsuper as "isSuperuser"
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
where n.nspname = 'public' and c.relname = 'schema_migrations'
  and not pg_has_role(current_user, r.oid, 'usage')`);
  return rows[0];
}

interface OfAnother {
  login: string;
  owner: string;
  isSuperuser: boolean;
}

function ofAnother({ login, owner, isSuperuser }: OfAnother): string {
  const lacks = `The database's login ${login} lacks rights to the schema, which ${owner} laid out.`;
  // To be a member of a superuser is more than anybody needs.
  return isSuperuser
    ? `${lacks} Put that login into DATABASE_URL, or bring the data to a database that ${login} owns: loghunter backup, loghunter restore.`
    : `${lacks} Let an administrator of the server run this, then try again:\n  grant ${owner} to ${login};`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
