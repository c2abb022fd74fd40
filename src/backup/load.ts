import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { UserError } from "../errors.ts";
import { libpqEnvironment, type Variables } from "./connection.ts";
import { COUNT, SAME_WORDS, SEALED_WITH, TABLES, UNPROTECTED, WALLS } from "./contents.ts";
import { entriesOf } from "./list.ts";
import type { TableCount } from "./manifest.ts";
import { ROLES, TAKE_OUT } from "./prepare.ts";
import type { Programs } from "./programs.ts";
import { openPsql, type Psql } from "./psql.ts";

/** What was found in the database before the transaction that filled it was committed. */
export interface Loaded {
  tables: TableCount[];
  /** Names of the migrations that had run on it. */
  migrations: string[];
  walls: string[];
  encryptionKeys: string[];
  /** Messages that are owed to somebody. */
  owed: number;
  /** Tables of organisations without the walls that each has to have. */
  unprotected: string[];
  /** Tables of organisations that the application's role can read without saying for which one. */
  open: string[];
}

export interface LoadParts {
  url: string;
  file: string;
  programs: Programs;
  /** Major version of the server. */
  server: number;
  /** Takes out what is there, in the same transaction. */
  replace: boolean;
  env: Variables;
  signal?: AbortSignal | undefined;
}

/**
 * Fills a database from a dump in one transaction.
 * @param judge is shown what came of it; what it throws undoes all of it
 */
export async function load(parts: LoadParts, judge: (loaded: Loaded) => Promise<void>): Promise<Loaded> {
  const { url, programs, server, env, signal } = parts;
  const scratch = await mkdtemp(path.join(tmpdir(), "loghunter-restore-")).catch(cannotWrite);
  const psql = openPsql({
    programs,
    server,
    env: libpqEnvironment(url, env),
    where: "the database",
    signal,
  });
  try {
    const list = path.join(scratch, "list");
    const entries = await entriesOf(programs.pgRestore, parts.file, env, signal);
    await writeFile(list, entries).catch(cannotWrite);
    await psql.say("set lock_timeout = '15s';");
    if (parts.replace) await psql.say(TAKE_OUT);
    await psql.say(ROLES);
    const pour = (...sections: string[]) =>
      psql.pour(programs.pgRestore, [
        ...["--no-owner", "--file=-", `--use-list=${list}`],
        ...sections.map((section) => `--section=${section}`),
        parts.file,
      ]);
    await pour("pre-data", "data");
    // Row-level security comes with what follows, and would hide rows from a login that it binds.
    const contents = await readLoaded(psql);
    await pour("post-data");
    const loaded = { ...contents, ...(await readWalls(psql)) };
    await judge(loaded);
    await psql.commit();
    return loaded;
  } finally {
    await psql.end();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Without its cause, which would be taken for one of the files that DATABASE_URL names. */
function cannotWrite({ code = "no reason given" }: NodeJS.ErrnoException): never {
  throw new UserError(
    `A list of what is in the dump cannot be written to ${tmpdir()} (${code}). Free some space there, or set TMPDIR to a folder that LogHunter may write.`,
  );
}

async function readLoaded(psql: Psql): Promise<Omit<Loaded, keyof Walls>> {
  await psql.say(SAME_WORDS);
  const tables = await psql.ask<Omit<TableCount, "rows"> & { rows: string }>(`
select format($count$
  select json_build_object('schema', %L::text, 'name', %L::text, 'rows', rows, 'checksum', checksum)
  from (select ${COUNT.replaceAll("%", "%%")} from only %I.%I each_row) counted$count$, schema, name, schema, name)
from (${TABLES}) every_table
\\gexec`);
  const migrations = await psql.ask<{ name: string }>(
    "select json_build_object('name', name) from public.schema_migrations order by id;",
  );
  const sealed = await psql.ask<{ key: string }>(
    `select json_build_object('key', key) from (${SEALED_WITH}) sealed;`,
  );
  const owed = await psql.ask<{ owed: number }>(
    "select json_build_object('owed', count(*)) from public.deliveries where state = 'pending';",
  );
  return {
    owed: owed[0]?.owed ?? 0,
    tables: tables.map((table) => ({ ...table, rows: Number(table.rows) })),
    migrations: migrations.map(({ name }) => name),
    encryptionKeys: sealed.map(({ key }) => key).sort(),
  };
}

type Walls = Pick<Loaded, "walls" | "unprotected" | "open">;

async function readWalls(psql: Psql): Promise<Walls> {
  await psql.say(SAME_WORDS);
  const walls = await psql.ask<{ wall: string }>(
    `select json_build_object('wall', wall) from (${WALLS}) every_wall;`,
  );
  const unprotected = await psql.ask<{ name: string }>(
    `select json_build_object('name', name) from (${UNPROTECTED}) unprotected;`,
  );
  // As the application, which has not said for which organisation: where it may look, it has to find nothing.
  await psql.say("set local row_security = on; set local role loghunter_app;");
  const open = await psql.ask<{ name: string }>(`
select format($look$
  select json_build_object('name', %L::text) where exists (select from %I.%I)$look$, c.relname, 'public', c.relname)
from pg_catalog.pg_class c
where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind = 'r'
  and pg_catalog.has_any_column_privilege(c.oid, 'select') and c.relname <> 'schema_migrations'
\\gexec`);
  await psql.say("reset role;");
  return {
    walls: walls.map(({ wall }) => wall).sort(),
    unprotected: unprotected.map(({ name }) => name),
    open: open.map(({ name }) => name),
  };
}
