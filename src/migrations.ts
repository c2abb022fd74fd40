import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import pg from "pg";
import { type Asked, asLogin } from "./database.ts";
import { checkedAddress } from "./databaseAddress.ts";
import { UserError } from "./errors.ts";

/** The repository's `migrations` folder; compiled code stands one folder deeper. */
export const MIGRATIONS_DIRECTORY = fileURLToPath(
  new URL(import.meta.url.includes("/dist/") ? "../../migrations" : "../migrations", import.meta.url),
);
const MIGRATIONS_TABLE = "schema_migrations";

/**
 * Brings the schema up to date. Safe when several processes start at once: one runs, the others wait.
 * @param url a login that owns the database.
 * @returns the names of what was run, oldest first.
 * @throws UserError where the login lacks a right, with the statements that give it.
 */
export async function migrateUp(url: string): Promise<string[]> {
  return withMigrationLock(url, async (client) => {
    if ((await pendingMigrations(url)).length === 0) return [];
    await checkRights(client);
    const run = await runner({ ...options(client), direction: "up" });
    await noteSums(client);
    return run.map((migration) => migration.name);
  });
}

/** Undoes the newest `count` migrations. @returns their names, newest first. */
export async function migrateDown(url: string, count: number): Promise<string[]> {
  return withMigrationLock(url, async (client) => {
    const run = await runner({ ...options(client), direction: "down", count });
    return run.map((migration) => migration.name);
  });
}

/** Migrations that have not run on this database, oldest first. Reads only. */
export async function pendingMigrations(url: string): Promise<string[]> {
  return (await asLogin(url, readLedger)).pending;
}

/** What has run on a database, held against the files there are. */
export interface Ledger {
  /** Not run yet. */
  pending: string[];
  /** Run, and of a LogHunter that is not this one. */
  foreign: string[];
  /** Changed since they ran. */
  altered: string[];
}

/** Reads only. @returns nothing of those that ran before sums were kept, when none was added since */
export async function readLedger(db: Asked): Promise<Ledger> {
  const { rows: tables } = await db.query<{ known: boolean; sums: boolean }>(
    `\
select to_regclass($1) is not null as known, exists (
  select from pg_attribute where attrelid = to_regclass($1) and attname = 'sha256' and not attisdropped
) as sums`,
    [MIGRATIONS_TABLE],
  );
  const { known, sums } = tables[0] as { known: boolean; sums: boolean };
  const ran = known
    ? (
        await db.query<{ name: string; sha256: string | null }>(
          `select name, ${sums ? "sha256" : "null as sha256"} from ${MIGRATIONS_TABLE} order by name`,
        )
      ).rows
    : [];
  const files = await migrationChecksums();
  return {
    pending: [...files.keys()].filter((name) => !ran.some((one) => one.name === name)),
    foreign: ran.flatMap(({ name }) => (files.has(name) ? [] : [name])),
    altered: ran.flatMap(({ name, sha256 }) =>
      files.has(name) && sha256 !== null && sha256 !== files.get(name) ? [name] : [],
    ),
  };
}

/** Keeps what was in the files that ran, for those of which it is not known yet: beside what node-pg-migrate keeps of them. */
async function noteSums(client: pg.Client): Promise<void> {
  const sums = [...(await migrationChecksums())];
  await client.query(`alter table ${MIGRATIONS_TABLE} add column if not exists sha256 text`);
  await client.query(
    `\
update ${MIGRATIONS_TABLE} m set sha256 = s.sha256
from unnest($1::text[], $2::text[]) as s (name, sha256) where m.name = s.name and m.sha256 is null`,
    [sums.map(([name]) => name), sums.map(([, sum]) => sum)],
  );
}

/**
 * What the first migration needs and a managed database may not allow: an administrator can give it once.
 * @throws UserError with the statements that give it
 */
export async function checkRights(client: Asked): Promise<void> {
  const { rows } = await client.query<Rights>(`\
select quote_ident(current_user) as login, quote_ident(current_database()) as database,
  has_database_privilege(current_database(), 'create') and has_schema_privilege('public', 'create') as "mayCreate",
  (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) as "mayCreateRoles",
  array(
    select name from unnest(array['loghunter_app', 'loghunter_directory']) name where to_regrole(name) is null
  ) as missing,
  array(
    select rolname::text from pg_roles
    where rolname in ('loghunter_app', 'loghunter_directory') and not pg_has_role(current_user, oid, 'member')
    order by rolname
  ) as "notGranted"`);
  const rights = rows[0] as Rights;
  const { login, database, missing } = rights;
  const statements: string[] = [];
  if (!rights.mayCreate) statements.push(`alter database ${database} owner to ${login};`);
  if (!rights.mayCreateRoles) {
    statements.push(...missing.map((role) => `create role ${role} nologin;`));
    const ungranted = [...missing, ...rights.notGranted].sort();
    if (ungranted.length > 0) statements.push(`grant ${ungranted.join(", ")} to ${login};`);
  }
  if (statements.length === 0) return;
  throw new UserError(
    `The database's login ${login} lacks rights to lay out the schema. Let an administrator of the server run this, then try again:\n${statements.map((statement) => `  ${statement}`).join("\n")}`,
  );
}

interface Rights {
  login: string;
  database: string;
  mayCreate: boolean;
  mayCreateRoles: boolean;
  missing: string[];
  notGranted: string[];
}

/** Each migration's name, oldest first, and the SHA-256 of its file: two with one name and other contents are not the same. */
export async function migrationChecksums(): Promise<Map<string, string>> {
  const entries = (await migrationNames()).map(async (name) => {
    const text = await readFile(join(MIGRATIONS_DIRECTORY, `${name}.sql`), "utf8");
    // A checkout on Windows may have other line ends.
    return [name, createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex")] as const;
  });
  return new Map(await Promise.all(entries));
}

async function migrationNames(): Promise<string[]> {
  const files = await readdir(MIGRATIONS_DIRECTORY);
  return files
    .filter((file) => file.endsWith(".sql"))
    .map((file) => file.slice(0, -".sql".length))
    .sort();
}

/** Any number that no other program takes in this database: node-pg-migrate's own lock fails at once instead of waiting. */
const MIGRATION_LOCK = 4_152_026_112_404;

async function withMigrationLock<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: checkedAddress(url) });
  client.on("error", () => undefined); // A lost connection fails the query in hand, which says why.
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    return await work(client);
  } finally {
    await client.end();
  }
}

function options(dbClient: pg.Client) {
  return {
    dbClient,
    dir: MIGRATIONS_DIRECTORY,
    migrationsTable: MIGRATIONS_TABLE,
    singleTransaction: true,
    noLock: true,
    verbose: false,
    log: () => undefined,
  };
}
