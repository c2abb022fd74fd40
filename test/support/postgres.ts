import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { exists } from "../../adapters/postgres/processes.ts";
import { migrateUp } from "../../src/migrations.ts";
import { startTestServer } from "./testServer.ts";

export interface TestDatabase {
  /** As the superuser who owns it. */
  url: string;
  drop(): Promise<void>;
}

/** A migrated database for one test file alone, copied from a template that was migrated once. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await testServerUrl();
  const name = `${DATABASES}${process.pid}_${randomUUID().slice(0, 8)}`;
  await onDatabase(server, async (client) => {
    await client.query(`create database ${name} template ${await ensureTemplate(client, server)}`);
  });
  return {
    url: at(server, name),
    drop: () => onDatabase(server, (client) => drop(client, name)),
  };
}

/** The superuser's address of the server that all tests share; TEST_DATABASE_URL when it is set. */
export function testServerUrl(): Promise<string> {
  serverUrl ??= findServer();
  return serverUrl;
}
let serverUrl: Promise<string> | undefined;

const DATABASES = "loghunter_test_";
const TEMPLATES = "loghunter_template_";
/** Any number that nothing else takes on the test server. */
const TEMPLATE_LOCK = 4_152_026_112_405;

async function findServer(): Promise<string> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return given;
  const server = await startTestServer();
  if (server.how !== "adopted") await onDatabase(server.url, dropAbandoned);
  return server.url;
}

/** What runs that were ended in the middle have left. */
async function dropAbandoned(client: pg.Client): Promise<void> {
  for (const name of await databasesLike(client, DATABASES)) {
    const owner = Number.parseInt(name.slice(DATABASES.length), 10);
    if (!exists(owner)) await drop(client, name);
  }
}

/** Named after what is in it, so that a stale one is never used; made under another name until complete. */
async function ensureTemplate(client: pg.Client, server: string): Promise<string> {
  const template = TEMPLATES + (await schemaHash());
  const ready = async () => (await databasesLike(client, template)).includes(template);
  if (await ready()) return template;
  await client.query("select pg_advisory_lock($1)", [TEMPLATE_LOCK]);
  try {
    if (await ready()) return template;
    const own = process.env.TEST_DATABASE_URL
      ? [`${template}_unfinished`]
      : await databasesLike(client, TEMPLATES);
    for (const stale of own) await drop(client, stale);
    await client.query(`create database ${template}_unfinished`);
    await migrateUp(at(server, `${template}_unfinished`));
    // A visitor, such as autovacuum, would hold up those who copy.
    await client.query(`alter database ${template}_unfinished with allow_connections false`);
    await client.query(`alter database ${template}_unfinished rename to ${template}`);
    return template;
  } finally {
    await client.query("select pg_advisory_unlock($1)", [TEMPLATE_LOCK]);
  }
}

async function schemaHash(): Promise<string> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const migrations = (await readdir(path.join(root, "migrations")))
    .sort()
    .map((name) => `migrations/${name}`);
  const hash = createHash("sha256");
  for (const file of [...migrations, "src/migrations.ts"]) {
    hash.update(`${file}\0`).update(await readFile(path.join(root, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

async function databasesLike(client: pg.Client, prefix: string): Promise<string[]> {
  const { rows } = await client.query<{ datname: string }>(
    "select datname from pg_database where starts_with(datname, $1)",
    [prefix],
  );
  return rows.map((row) => row.datname);
}

async function drop(client: pg.Client, name: string): Promise<void> {
  await client.query(`drop database if exists ${name} with (force)`);
}

function at(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

/** Works on a connection of its own. */
export async function onDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined); // A lost connection fails the query in hand, which says why.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
