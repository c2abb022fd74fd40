import { randomBytes, randomUUID } from "node:crypto";
import { readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createKeyring, readKeys } from "../../src/secrets/keyring.ts";
import { asSuperuser, findTestPrograms, newFolder, run, start, wrapPrograms } from "../support/backups.ts";
import { until } from "../support/eventually.ts";
import { onDatabase } from "../support/postgres.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const programs = await findTestPrograms();
const withPrograms = programs === undefined ? describe.skip : describe;
const TOKEN = "xoxb-not-to-be-found";
const KEY = `k1:${randomBytes(32).toString("base64")}`;
const DAY_MS = 24 * 60 * 60_000;

let t: TestTenants;
let password: string;

beforeAll(async () => {
  t = await openTestTenants();
  password = decodeURIComponent(new URL(t.url).password);
  const sealed = createKeyring(readKeys(KEY)).seal(TOKEN, "slack/T1");
  await t.admin.query("update workspaces set installation = $1 where name = 'a'", [sealed]);
  await t.admin.query(
    "insert into saved_filters (tenant_id, name, filter_json, created_by) select id, 'f' || n, '{}', 'ada' from tenants, generate_series(1, 500) n",
  );
});
afterAll(() => t?.close());

function stamp(ms: number): string {
  return `loghunter-${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

async function dumpsIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(".dump")).sort();
}

function appears(file: string, holding = ""): Promise<void> {
  return until(
    async () => (await readFile(file, "utf8").catch(() => undefined))?.includes(holding) === true,
    file,
  );
}

withPrograms("a backup", () => {
  const real = programs as NonNullable<typeof programs>;

  test("is a file that nobody else can read, counted in the snapshot it was made of, and holds no secret", async () => {
    const folder = await newFolder();
    const log = path.join(folder, "argv");
    const noted = `echo "$0 $*" >>${log}`;
    const pgBin = await wrapPrograms(real, { pg_dump: noted, pg_restore: noted, psql: noted });
    const env = { DATABASE_URL: t.url, BACKUP_DIR: folder, PG_BIN: pgBin, ENCRYPTION_KEYS: KEY };
    // Somebody writes all the while: the counts are of the dump's instant and not of any other.
    let isWriting = true;
    const writing = (async () => {
      const insert =
        "insert into saved_filters (tenant_id, name, filter_json, created_by) values ($1, $2, '{}', 'x')";
      while (isWriting) {
        await t.admin.query(insert, [t.a.scope.tenantId, randomUUID()]);
        await pause(1);
      }
    })();
    const made = await run(["backup", "--json"], env);
    isWriting = false;
    await writing;
    expect(made).toMatchObject({ code: 0, err: "" });
    const { file, rows, tables } = JSON.parse(made.out);
    expect(path.basename(file)).toMatch(/^loghunter-\d{8}T\d{6}Z\.dump$/);
    expect(tables).toBeGreaterThan(30);
    expect(rows).toBeGreaterThan(1_000);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const manifestFile = file.replace(".dump", ".json");
    expect((await stat(manifestFile)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(manifestFile, "utf8"))).toMatchObject({ encryptionKeys: ["k1"] });

    const drilled = await run(["restore-drill", "--latest", "--json"], env);
    expect(drilled).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(drilled.out)).toMatchObject({ file, faults: [] });
    const status = JSON.parse(await readFile(path.join(folder, "status.json"), "utf8"));
    expect(Date.parse(status.drilledAt)).toBeGreaterThan(Date.now() - 60_000);

    const argv = await readFile(log, "utf8");
    for (const name of ["pg_dump", "pg_restore", "psql"]) expect(argv).toContain(`${pgBin}/${name} --`);
    const dump = await readFile(file);
    const seen = [argv, made.out, drilled.out, await readFile(manifestFile, "utf8")].join("\n");
    for (const secret of [password, TOKEN, KEY.slice("k1:".length)]) {
      expect(seen).not.toContain(secret);
      expect(dump.includes(secret)).toBe(false);
    }
    expect(seen).not.toContain(t.url);
  });

  test("that cannot be made leaves nothing, and says what mends it", async () => {
    const folder = await newFolder();
    const inTheWay = path.join(folder, "file");
    await writeFile(inTheWay, "");
    const env = { DATABASE_URL: t.url, BACKUP_DIR: path.join(folder, "dumps") };
    const wrong = new URL(t.url);
    wrong.password = "wrong-but-secret";
    const full = await wrapPrograms(real, {
      pg_dump: `for last; do :; done; case "$last" in --file=*) set -- "$@" --file=/dev/full ;; esac`,
    });
    const old = await wrapPrograms(real, {
      pg_dump: `[ "$1" = --version ] && { echo "pg_dump (PostgreSQL) 14.9"; exit; }`,
    });
    const [missing, older, noSpace, noFolder, noPassword, noServer] = await Promise.all([
      run(["backup"], { ...env, PG_BIN: folder }),
      run(["backup"], { ...env, PG_BIN: old }),
      run(["backup"], { ...env, PG_BIN: full }),
      run(["backup", "--dir", path.join(inTheWay, "dumps")], env),
      run(["backup"], { ...env, DATABASE_URL: wrong.href }),
      run(["backup"], { ...env, DATABASE_URL: "postgres://u:wrong-but-secret@127.0.0.1:9/db" }),
    ]);
    expect(missing.code).toBe(1);
    expect(missing.err).toContain("apt-get install postgresql-client-15");
    expect(older.code).toBe(1);
    expect(older.err).toMatch(
      /is of PostgreSQL 14, and the server is PostgreSQL 15: .* postgresql-client-15/,
    );
    expect(noSpace).toMatchObject({ code: 1, err: expect.stringContaining("is full. Free some space") });
    expect(noFolder).toMatchObject({ code: 1, err: expect.stringContaining("BACKUP_DIR") });
    expect(noPassword).toMatchObject({
      code: 5,
      err: expect.stringContaining("refuses this user or password"),
    });
    expect(noServer).toMatchObject({ code: 5, err: expect.stringContaining("does not answer") });
    expect(await readdir(path.join(folder, "dumps"))).toEqual([]);
    for (const { out, err } of [missing, older, noSpace, noFolder, noPassword, noServer]) {
      expect(out).toBe("");
      expect(err).not.toMatch(/wrong-but-secret|\n\s+at /);
      expect(err).not.toContain(password);
    }
  });

  test("is refused while another of the same database is at work, and a killed one leaves no dump", async () => {
    const folder = await newFolder();
    const [begun, go] = [path.join(folder, "begun"), path.join(folder, "go")];
    const slow = await wrapPrograms(real, {
      pg_dump: `[ "$1" = --version ] || { echo >>${begun}; until [ -e ${go} ]; do sleep 0.05; done; }`,
    });
    const dumps = path.join(folder, "dumps");
    const env = { DATABASE_URL: t.url, BACKUP_DIR: dumps };
    const first = await start(["backup"], { ...env, PG_BIN: slow });
    await appears(begun);
    expect(await run(["backup"], env)).toMatchObject({
      code: 4,
      err: "Another backup of this database is at work. Nothing was done.\n",
    });
    first.child.kill("SIGKILL");
    await writeFile(go, "");
    await first.ended;
    expect(await dumpsIn(dumps)).toEqual([]);
    expect((await run(["backup"], env)).code).toBe(0);
    expect(await dumpsIn(dumps)).toHaveLength(1);
  });

  test("removes dumps past their days, only after it is good itself, and what killed ones left", async () => {
    const folder = await newFolder();
    const [young, old, older] = [29, 31, 300].map((days) => stamp(Date.now() - days * DAY_MS));
    for (const name of [young, old, older]) {
      await writeFile(path.join(folder, `${name}.dump`), "");
      await writeFile(path.join(folder, `${name}.json`), "{}");
    }
    await writeFile(path.join(folder, "somebody-elses.dump"), "");
    const left = path.join(folder, `.${older}.dump.1.unfinished`);
    await writeFile(left, "");
    await utimes(left, new Date(), new Date(Date.now() - 2 * DAY_MS));
    const env = { DATABASE_URL: t.url, BACKUP_DIR: folder };
    expect((await run(["backup"], { ...env, PG_BIN: folder })).code).toBe(1);
    expect(await dumpsIn(folder)).toHaveLength(4);
    const made = await run(["backup"], env);
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining("Removed 2 older dumps.") });
    const names = await readdir(folder);
    expect(names).toHaveLength(5);
    expect(names).toEqual(expect.arrayContaining([`${young}.dump`, `${young}.json`, "somebody-elses.dump"]));
  });

  test("needs a login that sees every row, and says how to make one", async () => {
    const suffix = randomUUID().slice(0, 8);
    const [few, all] = [`backup_few_${suffix}`, `backup_all_${suffix}`];
    await asSuperuser(
      `create role ${few} login password 'pw'`,
      `create role ${all} login bypassrls password 'pw'`,
      `grant pg_read_all_data to ${few}, ${all}`,
    );
    try {
      const folder = await newFolder();
      const as = (user: string) => {
        const url = new URL(t.url);
        url.username = user;
        url.password = "pw";
        return { DATABASE_URL: url.href, BACKUP_DIR: folder };
      };
      const refused = await run(["backup"], as(few));
      expect(refused.code).toBe(1);
      expect(refused.err).toContain("create role loghunter_backup login bypassrls");
      expect(await dumpsIn(folder)).toEqual([]);
      expect((await run(["backup"], as(all))).code).toBe(0);
    } finally {
      await onDatabase(t.url, (client) => client.query(`drop role ${few}, ${all}`));
    }
  });

  test("is made every day by one that stays, which ends when it is told to", async () => {
    const folder = await newFolder();
    const env = { DATABASE_URL: t.url, BACKUP_DIR: folder };
    expect(await run(["backup", "--check"], env)).toMatchObject({ code: 1, out: "There is no dump.\n" });
    const daily = await start(["backup", "--daily", "--drill", "--json"], env);
    await appears(path.join(folder, "status.json"), "drilledAt");
    const healthy = await run(["backup", "--check", "--json"], env);
    expect(healthy.code).toBe(0);
    expect(JSON.parse(healthy.out)).toMatchObject({ healthy: true, newest: { ageHours: 0 } });
    daily.child.kill("SIGTERM");
    const { code, out, err } = await daily.ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.trim().split("\n")).toHaveLength(2);

    const [name] = await dumpsIn(folder);
    await rm(path.join(folder, name as string));
    await writeFile(path.join(folder, `${stamp(Date.now() - 2 * DAY_MS)}.dump`), "");
    const failing = await start(["backup", "--daily"], { ...env, PG_BIN: folder });
    await appears(path.join(folder, "status.json"), "failure");
    expect(await run(["backup", "--check"], env)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/48 h old\.\nThe last backup failed at .*pg_dump/),
    });
    failing.child.kill("SIGTERM");
    expect(await failing.ended).toMatchObject({
      code: 0,
      err: expect.stringContaining("postgresql-client-15"),
    });
  });
});

test("what is typed wrong is wrong usage", async () => {
  const late = await run(["backup", "--daily", "--at", "25:00"], {});
  expect(late).toMatchObject({ code: 2, err: expect.stringContaining("It is a time such as 03:00.") });
});
