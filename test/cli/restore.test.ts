import { randomBytes, randomUUID } from "node:crypto";
import { chmod, copyFile, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { restore as bringBack } from "../../src/backup/restore.ts";
import { createKeyring, readKeys } from "../../src/secrets/keyring.ts";
import {
  asSuperuser,
  createEmptyDatabase,
  dumpOf,
  type EmptyDatabase,
  findTestPrograms,
  newFolder,
  type Ran,
  run,
  start,
  tablesOf,
  wrapPrograms,
} from "../support/backups.ts";
import { until } from "../support/eventually.ts";
import { onDatabase } from "../support/postgres.ts";
import { describeSchema } from "../support/schema.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const programs = await findTestPrograms();
const withPrograms = programs === undefined ? describe.skip : describe;
const KEY = `k1:${randomBytes(32).toString("base64")}`;

let t: TestTenants;
let folder: string;
let dump: string;
const databases: EmptyDatabase[] = [];

beforeAll(async () => {
  if (programs === undefined) return;
  t = await openTestTenants();
  const sealed = createKeyring(readKeys(KEY)).seal("xoxb-1", "slack/T1");
  await t.admin.query("update workspaces set installation = $1 where name = 'a'", [sealed]);
  await t.admin.query(
    "insert into saved_filters (tenant_id, name, filter_json, created_by) select id, 'f' || n, '{}', 'ada' from tenants, generate_series(1, 200) n",
  );
  folder = await newFolder();
  dump = await dumpOf(t.url);
});
afterAll(async () => {
  for (const { drop } of databases) await drop();
  await t?.close();
});

async function empty(owner?: string): Promise<string> {
  const database = await createEmptyDatabase(owner);
  databases.push(database);
  return database.url;
}

function restore(url: string, file: string, ...more: string[]): Promise<Ran> {
  return run(["restore", file, ...more], { DATABASE_URL: url, ENCRYPTION_KEYS: KEY });
}

async function copyOfDump(): Promise<string> {
  const copy = path.join(await newFolder(), "copy.dump");
  await copyFile(dump, copy);
  await copyFile(dump.replace(".dump", ".json"), copy.replace(".dump", ".json"));
  return copy;
}

async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.("nobody");
  return work().finally(() => isRoot && process.seteuid?.(0));
}

withPrograms("a restore", () => {
  const real = programs as NonNullable<typeof programs>;

  test("brings back every row, every right and every wall, and says what to do next", async () => {
    const url = await empty();
    const { code, out, err } = await run(["restore", dump], { DATABASE_URL: url });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/Every table has the rows that were dumped, and each organisation is walled off/);
    expect(out).toContain('sealed with the key "k1": put it into ENCRYPTION_KEYS');
    expect(out).toContain("Start LogHunter");
    expect(await onDatabase(url, describeSchema)).toEqual(await onDatabase(t.url, describeSchema));
    const count = "select count(*)::int as rows from saved_filters";
    expect((await onDatabase(url, (client) => client.query(count))).rows).toEqual([{ rows: 400 }]);
  });

  test("works for an owner that row-level security binds, and with a pg_restore that is newer than the server", async () => {
    const owner = `restore_${randomUUID().slice(0, 8)}`;
    await asSuperuser(
      `create role ${owner} login password 'pw'`,
      `grant loghunter_app, loghunter_directory to ${owner}`,
    );
    const url = new URL(await empty(owner));
    url.username = owner;
    url.password = "pw";
    // What pg_restore 17 writes, and servers before it do not know.
    const newer = await wrapPrograms(real, {
      pg_restore: `case "$*" in *--file=-*) "$REAL" "$@" | sed 's/^SET lock_timeout = 0;/&\\nSET transaction_timeout = 0;/'; exit ;; esac`,
    });
    const ran = await run(["restore", dump], { DATABASE_URL: url.href, PG_BIN: newer });
    expect(ran).toMatchObject({ code: 0, err: "" });
    const database = databases.pop() as EmptyDatabase;
    await database.drop();
    await asSuperuser(`drop role ${owner}`);
  });

  test("goes into a database that holds something only when --force is typed, and then replaces all of it", async () => {
    const url = await empty();
    const before = [
      "create table somebody_elses (n int)",
      "create schema other create table other.one (n int)",
      "create type mood as enum ('good')",
      "create function f() returns int language sql as 'select 1'",
    ];
    await onDatabase(url, async (client) => {
      for (const statement of before) await client.query(statement);
    });
    const refused = await restore(url, dump);
    expect(refused).toEqual({
      code: 4,
      out: "",
      err: "The database is not empty: it holds 2 tables. Restore into an empty one, or add --force to delete all that is in it.\n",
    });
    expect(await tablesOf(url)).toEqual(["one", "somebody_elses"]);
    const running = new pg.Client({ connectionString: url, application_name: "loghunter-app" });
    await running.connect();
    expect(await restore(url, dump, "--force")).toMatchObject({
      code: 4,
      err: expect.stringContaining("LogHunter is running on this database."),
    });
    await running.end();
    expect(await restore(url, dump, "--force")).toMatchObject({ code: 0, err: "" });
    expect(await onDatabase(url, describeSchema)).toEqual(await onDatabase(t.url, describeSchema));
  });

  test("of what is not a whole dump changes nothing", async () => {
    const url = await empty();
    const cut = await copyOfDump();
    const bytes = (await readFile(cut)).length;
    await truncate(cut, bytes - 1_000);
    const alone = path.join(await newFolder(), "alone.dump");
    await copyFile(cut, alone);
    const changed = await copyOfDump();
    const content = await readFile(changed);
    content[bytes - 500] = (content[bytes - 500] ?? 0) ^ 1;
    await writeFile(changed, content);
    const text = path.join(folder, "text.dump");
    await writeFile(text, "create table t (n int);");
    // As if rows had been lost between the dump and its manifest.
    const short = await copyOfDump();
    const manifest = short.replace(".dump", ".json");
    await writeFile(manifest, (await readFile(manifest, "utf8")).replace('"rows": 400', '"rows": 401'));
    const said = [
      [cut, `${bytes - 1_000} bytes, and ${bytes} were written`],
      [alone, "it ends in the middle"],
      [changed, "its checksum is not the one it was written with"],
      [text, "is not a dump that pg_restore can read"],
      [short, "public.saved_filters has 400 rows, and 401 were dumped."],
    ] as const;
    for (const [file, words] of said) {
      const { code, out, err } = await restore(url, file);
      expect({ file, code, out, err }).toMatchObject({
        code: 1,
        out: "",
        err: expect.stringContaining(words),
      });
      expect(err).not.toMatch(/\n\s+at /);
    }
    const none = path.join(folder, "none.dump");
    expect(await restore(url, none)).toEqual({ code: 4, out: "", err: `There is no dump ${none}.\n` });
    expect(await tablesOf(url)).toEqual([]);
    const drilled = await run(["restore-drill", short], { DATABASE_URL: t.url });
    expect(drilled.code).toBe(1);
    expect(drilled.out).toMatch(/public\.saved_filters +401 +400 +NO/);
    expect(drilled.err).toContain("found 1 difference: public.saved_filters has 400 rows");
  });

  test("of what its account may not read says so, and not that there is none or that DATABASE_URL is wrong", async () => {
    const closed = await copyOfDump();
    const closedManifest = await copyOfDump();
    const closedFolder = await copyOfDump();
    await chmod(closed, 0o000);
    await chmod(closed.replace(".dump", ".json"), 0o644);
    await chmod(closedManifest.replace(".dump", ".json"), 0o000);
    for (const open of [closed, closedManifest]) await chmod(path.dirname(open), 0o755);
    await chmod(closedManifest, 0o644);
    await chmod(path.dirname(closedFolder), 0o000);
    const parts = { url: t.url, force: false, pgBin: undefined, env: {}, now: Date.now };
    for (const file of [closed, closedManifest, closedFolder]) {
      // Root may read all.
      const failed = await asNobody(() => bringBack({ ...parts, file })).catch((err: unknown) => err);
      expect(failed).toMatchObject({ name: "UserError", message: expect.stringContaining("no access to") });
      expect((failed as Error).cause).toBeUndefined();
    }
  });

  test("without room for temporary files says so, and not that DATABASE_URL is wrong", async () => {
    const gone = path.join(folder, "gone");
    const { code, err } = await run(["restore", dump], { DATABASE_URL: await empty(), TMPDIR: gone });
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining(`${gone} (ENOENT). Free some space`),
    });
  });

  test("that is killed in the middle leaves the database as it was", async () => {
    const url = await empty();
    const blocker = new pg.Client({ connectionString: url });
    await blocker.connect();
    // Its index of this name has to wait for us: by then all rows are loaded.
    await blocker.query("begin");
    await blocker.query("create table deliveries_due (n int)");
    const restoring = await start(["restore", dump], { DATABASE_URL: url });
    const sessions =
      "select wait_event_type as waits from pg_stat_activity where application_name = 'loghunter-backup' and datname = current_database()";
    const waits = async () => {
      const { rows } = await onDatabase(url, (client) => client.query<{ waits: string }>(sessions));
      return rows.map(({ waits }) => waits);
    };
    await until(async () => (await waits()).includes("Lock"));
    restoring.child.kill("SIGKILL");
    await restoring.ended;
    await blocker.query("rollback");
    await blocker.end();
    await until(async () => (await waits()).length === 0);
    expect(await tablesOf(url)).toEqual([]);
    expect((await restore(url, dump)).code).toBe(0);
  });
});
