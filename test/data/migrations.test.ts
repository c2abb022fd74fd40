import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { runner } from "node-pg-migrate";
import pg from "pg";
import { openDatabase } from "../../src/database.ts";
import { UserError } from "../../src/errors.ts";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { createLog } from "../../src/log.ts";
import { MIGRATIONS_DIRECTORY, migrateDown, migrateUp, pendingMigrations } from "../../src/migrations.ts";
import { createDirectory } from "../../src/tenancy/directory.ts";
import { scratchFolder, start } from "../adapters/postgres/scratch.ts";
import { runCommand, runToEnd } from "../support/program.ts";
import { describeSchema, type SchemaDescription } from "../support/schema.ts";
import { dumpTenant, fillEveryTable, TENANT_TABLES } from "../support/tenants.ts";

const CHECKSUMS = fileURLToPath(new URL("migrations.sha256.json", import.meta.url));

/** A server of its own: these tests take roles away, which all databases of a server share. */
let server: Awaited<ReturnType<typeof start>>;
let admin: pg.Client;
let databases = 0;

beforeAll(async () => {
  server = await start({ directory: await scratchFolder() });
  admin = await connectTo(server.url);
});
// The scratch folder's own end, which comes first, takes the server along.
afterAll(() => admin.end().catch(() => undefined));

async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined); // The query in hand fails with the cause.
  await client.connect();
  return client;
}

async function emptyDatabase(owner?: string): Promise<string> {
  const name = `migrations_${databases++}`;
  await admin.query(`create database ${name} ${owner === undefined ? "" : `owner ${owner}`}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  if (owner !== undefined) {
    url.username = owner;
    url.password = "secret";
  }
  return url.href;
}

async function inDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectTo(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function files(): Promise<string[]> {
  return (await readdir(MIGRATIONS_DIRECTORY)).sort();
}

describe("the migrations folder", () => {
  test("holds files named <UTC timestamp>_<description>, no two of one time", async () => {
    const names = await files();
    for (const name of names) expect(name).toMatch(/^\d{14}_[a-z0-9]+(_[a-z0-9]+)*\.sql$/);
    const stamps = names.map((name) => name.slice(0, 14));
    expect(new Set(stamps).size).toBe(stamps.length);
    for (const stamp of stamps) {
      const iso = stamp.replace(/(....)(..)(..)(..)(..)(..)/, "$1-$2-$3T$4:$5:$6.000Z");
      expect(new Date(iso).toISOString()).toBe(iso);
    }
  });

  test("says in each file how to go up and how to go down again", async () => {
    for (const name of await files()) {
      const text = await readFile(path.join(MIGRATIONS_DIRECTORY, name), "utf8");
      const [, up = "", down = ""] = text.split(/^-- (?:Up|Down) Migration$/m);
      expect([name, /;/.test(up), /;/.test(down)]).toEqual([name, true, true]);
      expect(text.indexOf("-- Up Migration")).toBeLessThan(text.indexOf("-- Down Migration"));
    }
  });

  test("holds what has landed, unchanged", async () => {
    const landed: Record<string, string> = JSON.parse(await readFile(CHECKSUMS, "utf8"));
    const found: Record<string, string> = {};
    for (const name of await files()) {
      const text = await readFile(path.join(MIGRATIONS_DIRECTORY, name), "utf8");
      // A checkout on Windows may have other line ends.
      found[name] = createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
    }
    const problems = [
      ...Object.keys(landed)
        .filter((name) => found[name] === undefined)
        .map((name) => `${name} has landed and is gone: put it back.`),
      ...Object.keys(found)
        .filter((name) => landed[name] !== undefined && landed[name] !== found[name])
        .map((name) => `${name} has landed and was changed: undo that, and add a new migration instead.`),
      ...Object.keys(found)
        .filter((name) => landed[name] === undefined)
        .map(
          (name) => `${name} is new: add "${name}": "${found[name]}" to test/data/migrations.sha256.json.`,
        ),
    ];
    expect(problems).toEqual([]);
    const last = Object.keys(landed).sort().at(-1) as string;
    expect((await files()).filter((name) => landed[name] === undefined && name < last)).toEqual([]);
  });
});

/** One migration, as `migrateUp` runs them all. */
async function oneUp(client: pg.Client): Promise<void> {
  await runner({
    dbClient: client,
    dir: MIGRATIONS_DIRECTORY,
    migrationsTable: "schema_migrations",
    direction: "up",
    count: 1,
    noLock: true,
    verbose: false,
    log: () => undefined,
  });
}

async function fillTwoTenants(url: string, client: pg.Client): Promise<string> {
  const database = openDatabase({ url, log: createLog("silent") });
  const directory = createDirectory(database);
  const tenants: string[] = [];
  for (const name of ["a", "b"]) {
    const at = { platform: "web", externalId: name, workspaceName: name, lokiOrgId: name };
    const workspace = await directory.connect(at);
    await fillEveryTable(client, workspace);
    tenants.push(workspace.scope.tenantId);
  }
  await database.close();
  return tenants[0] as string;
}

describe("the schema", () => {
  test("is the same at each step up, down again on filled tables, and up once more", async () => {
    const url = await emptyDatabase();
    const steps: SchemaDescription[] = [];
    const count = (await files()).length;
    await inDatabase(url, async (client) => {
      await migrateUp(url);
      await migrateDown(url, count);
      // The empty state has the list of migrations in it, which stays.
      steps.push(await describeSchema(client));
      for (let step = 1; step <= count; step++) {
        await oneUp(client);
        steps.push(await describeSchema(client));
      }
      expect(await pendingMigrations(url)).toEqual([]);
      const tenantId = await fillTwoTenants(url, client);
      const dump = await dumpTenant(client, tenantId);
      for (const table of TENANT_TABLES) expect([table, dump[table]]).not.toEqual([table, []]);

      const names = (await files()).map((name) => name.slice(0, -".sql".length));
      for (let step = count - 1; step >= 0; step--) {
        expect(await migrateDown(url, 1)).toEqual([names[step]]);
        expect([names[step], await describeSchema(client)]).toEqual([names[step], steps[step]]);
      }
      expect(await migrateUp(url)).toEqual(names);
      expect(await describeSchema(client)).toEqual(steps[count]);
      await fillTwoTenants(url, client);
    });
  });

  test("keeps on its way down what the earlier one can hold: keys of one name each, conversations that are shown", async () => {
    const url = await emptyDatabase();
    const all = (await files()).map((name) => name.slice(0, -".sql".length));
    const downTo = (name: string) => migrateDown(url, all.length - all.indexOf(name));
    await inDatabase(url, async (client) => {
      await migrateUp(url);
      const tenantId = await fillTwoTenants(url, client);
      const key = `\
insert into api_keys (tenant_id, name, key_hash, scopes, last_four, shown_at, replaced_at, deleted_at)
values ($1, $2, '', '{}', $3, $4, $5, $6)`;
      const then = "2026-01-01T12:00:00Z";
      for (const [name, lastFour, shown, replaced, deleted] of [
        ["ci", "once", then, then, null],
        ["ci", "next", null, null, null],
        ["ci", "gone", then, then, then],
        ["old", "", null, null, null],
        ["Taken", "", null, null, null],
        ["Taken", "took", then, null, null],
      ])
        await client.query(key, [tenantId, name, lastFour, shown, replaced, deleted]);
      await client.query(
        `\
with asked as (
  insert into conversations (tenant_id, asked_by, once_id, service, namespace, window_start, window_end, state)
  values ($1, 'a key', 'act-1', 'checkout', '', $2::timestamptz - interval '1 hour', $2, 'queued') returning id
)
insert into conversation_messages (tenant_id, conversation_id, author, person_id, body, once_id)
select $1, id, 'bot', '', 'text', 'act-1' from asked`,
        [tenantId, then],
      );

      await downTo("20261129060200_run_keys");
      const { rows: kept } = await client.query(
        "select name, deleted_at is null as live from api_keys where tenant_id = $1 order by name, live",
        [tenantId],
      );
      expect(kept).toEqual([
        { name: "Taken", live: true },
        { name: "ci", live: false },
        { name: "ci", live: true },
        { name: "old", live: true },
      ]);
      const { rows: shown } = await client.query("select channel from conversations where tenant_id = $1", [
        tenantId,
      ]);
      expect(shown).toEqual([{ channel: "C1" }]);
      await migrateUp(url);
    });
  });

  test("is laid out once when two processes start at the same time", async () => {
    const url = await emptyDatabase();
    const ran = await Promise.all([migrateUp(url), migrateUp(url), migrateUp(url)]);
    expect(ran.map((names) => names.length).sort()).toEqual([0, 0, (await files()).length]);
  });

  test("is laid out in two databases of one server at the same time", async () => {
    await admin.query("create role twice login createrole password 'secret'");
    const urls = await Promise.all([1, 2, 3].map(() => emptyDatabase("twice")));
    // The login is no member of the roles yet, so all three make it one.
    await Promise.all(urls.map((url) => migrateUp(url)));
    for (const url of urls) expect(await pendingMigrations(url)).toEqual([]);
  });

  test("stays as it was when a migration cannot be undone", async () => {
    const url = await emptyDatabase();
    await migrateUp(url);
    await inDatabase(url, async (client) => {
      await client.query("create view in_the_way as select id from console_messages");
      const before = await describeSchema(client);
      const all = await files();
      const sinceThen = all.length - all.findIndex((name) => name.endsWith("_create_console_messages.sql"));
      await expect(migrateDown(url, sinceThen)).rejects.toThrow("other objects depend on it");
      expect(await describeSchema(client)).toEqual(before);
    });
  });
});

describe("an ordinary login", () => {
  test("that owns the database and may create roles lays out the schema, and is bound by it", async () => {
    await admin.query("create role ordinary login createrole password 'secret'");
    const url = await emptyDatabase("ordinary");
    await migrateUp(url);
    const database = openDatabase({ url, log: createLog("silent") });
    const directory = createDirectory(database);
    const request = { platform: "web", externalId: "x", workspaceName: "x", lokiOrgId: "x" };
    const { scope } = await directory.connect(request);
    expect((await directory.findWorkspace("web", "x"))?.scope.tenantId).toBe(scope.tenantId);
    expect(await scope.query("select name from tenants")).toEqual([{ name: "x" }]);
    await database.close();

    await inDatabase(url, async (owner) => {
      for (const table of ["tenants", ...TENANT_TABLES]) {
        expect([table, (await owner.query(`select id from ${table}`)).rows]).toEqual([table, []]);
      }
      await expect(owner.query("insert into tenants (name, loki_org_id) values ('y', 'y')")).rejects.toThrow(
        "violates row-level security policy",
      );
    });
    expect(await migrateDown(url, (await files()).length)).toHaveLength((await files()).length);
    expect(await migrateUp(url)).toHaveLength((await files()).length);
  });

  test("that may not create roles is told which statements to have run, and then it works", async () => {
    await inDatabase(await emptyDatabase(), async (client) => {
      const { rows } = await client.query(
        "select datname from pg_database where datname like 'migrations\\_%' and datname <> current_database()",
      );
      for (const { datname } of rows) await client.query(`drop database ${datname} with (force)`);
      // The last database that used them is gone: from here on it is a server that never saw LogHunter.
      await client.query("drop role loghunter_app, loghunter_directory");
    });
    await admin.query(`create role "a login" login password 'secret'`);
    const url = new URL(await emptyDatabase());
    url.username = "a%20login";
    url.password = "secret";
    const error = await migrateUp(url.href).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toMatch(/^The database's login "a login" lacks rights to lay out the schema\. /);
    const statements = (error.message as string).split("\n").slice(1);
    expect(statements).toEqual([
      `  alter database ${url.pathname.slice(1)} owner to "a login";`,
      "  create role loghunter_app nologin;",
      "  create role loghunter_directory nologin;",
      `  grant loghunter_app, loghunter_directory to "a login";`,
    ]);
    expect(error.message).not.toContain("secret");

    await admin.query(statements.join("\n"));
    expect(await migrateUp(url.href)).toHaveLength((await files()).length);
    const database = openDatabase({ url: url.href, log: createLog("silent") });
    const request = { platform: "web", externalId: "x", workspaceName: "x", lokiOrgId: "x" };
    const { scope } = await createDirectory(database).connect(request);
    expect(await scope.query("select name from tenants")).toEqual([{ name: "x" }]);
    await database.close();
  });

  test("is told about roles that are there and not granted to it, and nothing on a schema that is up to date", async () => {
    await admin.query("create role plain login password 'secret'");
    const url = await emptyDatabase("plain");
    await migrateUp(await emptyDatabase()); // Makes the roles, whichever tests ran before.
    const error = await migrateUp(url).catch((thrown) => thrown);
    expect(error.message.split("\n").slice(1)).toEqual([
      "  grant loghunter_app, loghunter_directory to plain;",
    ]);
    await admin.query("grant loghunter_app, loghunter_directory to plain");
    expect(await migrateUp(url)).toHaveLength((await files()).length);
    await admin.query("revoke loghunter_app, loghunter_directory from plain");
    expect(await migrateUp(url)).toEqual([]);
  });
});

test("a login without rights in a schema of another's is told the statement that gives them, which does", async () => {
  await admin.query(
    "create role stranger login password 'secret'; create role layer login createrole password 'secret'",
  );
  const owned = await emptyDatabase("layer");
  const stranger = new URL(owned);
  stranger.username = "stranger";
  await migrateUp(await emptyDatabase()); // Makes the roles, whichever tests ran before.
  await admin.query("grant loghunter_app, loghunter_directory to layer");
  await migrateUp(owned);
  await migrateJobs(owned);
  const env = { DATABASE_URL: stranger.href };
  const all = [
    await runToEnd({ ...env, NODE_ENV: "production" }),
    await runToEnd(env),
    await runCommand(env, ["migrate"]),
  ];
  for (const { code, output } of all) {
    expect(output.trim()).toBe(
      "The database's login stranger lacks rights to the schema, which layer laid out. Let an administrator of the server run this, then try again:\n  grant layer to stranger;",
    );
    expect(code).toBe(1);
  }
  await admin.query("grant layer to stranger");
  expect(await runCommand(env, ["migrate"])).toEqual({ code: 0, output: "The schema is up to date.\n" });
});

describe("npm run migrate", () => {
  const migrate = (env: Record<string, string>, ...args: string[]) => runCommand(env, ["migrate", ...args]);

  test("shows what will run and waits for a yes, and production does not start before", async () => {
    const url = await emptyDatabase();
    const env = { DATABASE_URL: url };
    const names = (await files()).map((name) => name.slice(0, -".sql".length));
    const [refused, unasked] = await Promise.all([
      runToEnd({ ...env, NODE_ENV: "production" }),
      migrate(env),
    ]);
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/behind \(\d+ to run\).*Run: loghunter migrate\n/s);
    expect(refused.output).not.toMatch(/ {4}at /);

    // Without a terminal nobody can say yes.
    expect(unasked.code).toBe(1);
    for (const name of names) expect(unasked.output).toContain(`  ${name}\n`);
    const said = /behind \((\d+) to run\)/.exec(refused.output)?.[1];
    expect(unasked.output).toContain(
      `${said} to run, ${names.length} migrations and the schema of the job queue:\n`,
    );
    expect(unasked.output.match(/^ {2}\S/gm)).toHaveLength(Number(said));
    expect(unasked.output).toContain("Nothing was run, since there is no terminal to ask at. Pass --yes.\n");
    expect(await pendingMigrations(url)).toEqual(names);

    const approved = await migrate(env, "--yes");
    expect(approved).toMatchObject({ code: 0, output: expect.stringMatching(/Ran all \d+\.\n$/) });
    expect(await pendingMigrations(url)).toEqual([]);
    expect(await migrate(env)).toEqual({ code: 0, output: "The schema is up to date.\n" });

    await migrateDown(url, 1);
    const behind = await runToEnd({ ...env, NODE_ENV: "production" });
    expect(behind.code).toBe(1);
    expect(behind.output).toContain("behind (1 to run)");
  });

  test("says what is missing where there is no database to migrate", async () => {
    const [none, gone, odd] = await Promise.all([
      migrate({}),
      migrate({ DATABASE_URL: "postgres://x:geheim@127.0.0.1:1/x" }),
      migrate({ DATABASE_URL: "mysql://x" }),
    ]);
    expect(none).toMatchObject({ code: 1, output: expect.stringMatching(/^Set DATABASE_URL/) });
    expect(gone).toEqual({
      code: 5,
      output: "The database of DATABASE_URL does not answer. Start it, or correct the host and port.\n",
    });
    expect(odd).toMatchObject({ code: 1, output: expect.stringMatching(/DATABASE_URL +must begin with/) });
  });
});
