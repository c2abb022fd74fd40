import { randomBytes } from "node:crypto";
import { copyFile, stat, truncate } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { migrateDown } from "../../src/migrations.ts";
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
import { createTestDatabase, onDatabase } from "../support/postgres.ts";
import { describeSchema } from "../support/schema.ts";

const programs = await findTestPrograms();
const withPrograms = programs === undefined ? describe.skip : describe;

let t: EmptyDatabase;
const databases: EmptyDatabase[] = [];
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(async () => {
  for (const { drop } of [...databases, t]) await drop();
});

withPrograms("across versions", () => {
  test("a dump of an older LogHunter is restored and migrated, and of a newer one refused", async () => {
    const made = await Promise.all([createEmptyDatabase(), createTestDatabase(), createTestDatabase()]);
    databases.push(...made);
    const [url, older, newer] = made.map((one) => one.url) as [string, string, string];
    const env = { DATABASE_URL: url };
    await migrateDown(older, 3);
    await onDatabase(newer, (client) =>
      client.query("insert into schema_migrations (name, run_on) values ('29990101000000_fly', now())"),
    );
    const [old, unknown] = await Promise.all([dumpOf(older), dumpOf(newer)]);
    const drilled = await run(["restore-drill", old, "--json"], { DATABASE_URL: t.url });
    expect(JSON.parse(drilled.out)).toMatchObject({ faults: [], migrated: 3 });
    // Without its manifest it is found out in the transaction, and undone.
    const alone = path.join(await newFolder(), "alone.dump");
    await copyFile(unknown, alone);
    const [refused, undone] = await Promise.all([
      run(["restore", unknown], env),
      run(["restore", alone], env),
    ]);
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringContaining("does not know 29990101000000_fly"),
    });
    expect(undone.err).toContain("does not know 29990101000000_fly");
    expect(await tablesOf(url)).toEqual([]);

    const restored = await run(["restore", old], env);
    expect(restored).toMatchObject({ code: 0, out: expect.stringContaining("run: loghunter migrate") });
    expect((await run(["migrate", "--yes"], env)).code).toBe(0);
    expect(await onDatabase(url, describeSchema)).toEqual(await onDatabase(t.url, describeSchema));
  });
});

withPrograms("a drill", () => {
  const real = programs as NonNullable<typeof programs>;

  test("leaves no database behind, also where it is stopped, and drops those of killed ones", async () => {
    const killed = `loghunter_drill_1700000000_${randomBytes(4).toString("hex")}`;
    await asSuperuser(`create database ${killed}`);
    const drills = async () => {
      const sql = "select datname from pg_database where starts_with(datname, 'loghunter_drill_')";
      const { rows } = await onDatabase(t.url, (client) => client.query<{ datname: string }>(sql));
      return rows.map(({ datname }) => datname);
    };
    const dump = await dumpOf(t.url);
    const begun = path.join(await newFolder(), "begun");
    const stuck = await wrapPrograms(real, { psql: `echo >${begun}; exec sleep 60` });
    const stopped = await start(["restore-drill", dump], { DATABASE_URL: t.url, PG_BIN: stuck });
    while ((await stat(begun).catch(() => undefined)) === undefined) await pause(25);
    const during = await drills();
    expect(during).not.toContain(killed);
    expect(during.length).toBeGreaterThan(0);
    stopped.child.kill("SIGTERM");
    expect(await stopped.ended).toEqual({
      code: 1,
      out: "",
      err: "It was ended before it was done. Nothing was changed.\n",
    });
    // Another test file may drill on this server too, for a moment.
    const gone = async () => (await drills()).every((name) => !during.includes(name));
    await until(gone, "the end of the drill's database");
    const none = await run(["restore-drill"], { DATABASE_URL: t.url, BACKUP_DIR: await newFolder() });
    expect(none).toMatchObject({ code: 4, err: expect.stringContaining("loghunter backup") });
  });

  test("that fails is kept for --check until one is good, and one that could not begin is not", async () => {
    const folder = await newFolder();
    const env = { DATABASE_URL: t.url, BACKUP_DIR: folder };
    const { file } = JSON.parse((await run(["backup", "--json"], env)).out);
    const health = async () => {
      const { code, out } = await run(["backup", "--check"], env);
      return { code, said: out.split("\n")[1] };
    };
    const good = { code: 0, said: expect.stringMatching(/^The last drill was good, at /) };
    expect((await run(["restore-drill"], env)).code).toBe(0);
    expect(await health()).toEqual(good);

    const noServer = { ...env, DATABASE_URL: "postgres://u:p@127.0.0.1:9/db" };
    expect((await run(["restore-drill"], noServer)).code).toBe(5);
    expect((await run(["restore-drill"], { ...env, PG_BIN: folder })).code).toBe(1);
    const gone = path.join(folder, "gone.dump");
    expect(await run(["restore-drill", gone], env)).toMatchObject({
      ...{ code: 4, err: `There is no dump ${gone}.\n` },
    });
    expect(await health()).toEqual(good);

    const broken = await wrapPrograms(real, {
      psql: "echo 'psql: ERROR:  out of shared memory' >&2; exit 3",
    });
    const why = `The drill of ${file} failed: psql failed: out of shared memory`;
    const failed = await run(["restore-drill"], { ...env, PG_BIN: broken });
    expect(failed).toEqual({ code: 1, out: "", err: `${why}\n` });
    expect(await health()).toEqual({ code: 1, said: `The last drill was not good. ${why}` });

    expect((await run(["restore-drill", file], env)).code).toBe(0);
    expect(await health()).toEqual(good);

    await truncate(file, 1_000);
    const damaged = await run(["restore-drill", "--json"], env);
    expect(damaged).toMatchObject({ code: 1, err: expect.stringContaining("it has 1000 bytes") });
    expect(JSON.parse(damaged.out)).toMatchObject({ tables: [], faults: [expect.any(String)] });
    expect(await health()).toMatchObject({ code: 1, said: expect.stringContaining("is damaged") });
  });

  test("needs no more rights than are printed, by a backup and by a drill", async () => {
    const env = (user: string) => {
      const url = new URL(t.url);
      url.username = user;
      url.password = "pw";
      return { DATABASE_URL: url.href, BACKUP_DIR: folder };
    };
    const folder = await newFolder();
    const [little, mine] = ["few", "all"].map((name) => `${name}_${randomBytes(4).toString("hex")}`) as [
      string,
      string,
    ];
    await asSuperuser(`create role ${little} login password 'pw'`);
    const printed = ({ err }: Ran) => err.split("\n").filter((line) => line.startsWith("  "));
    try {
      const refused = printed(await run(["backup"], env(little)));
      expect(refused).toHaveLength(4);
      const made = refused.map((one) => one.replaceAll("loghunter_backup", mine).replace("'…'", "'pw'"));
      await asSuperuser(...made);
      expect(await run(["backup"], env(mine))).toMatchObject({ code: 0, err: "" });
      expect(await run(["restore-drill"], env(mine))).toMatchObject({ code: 0, err: "" });

      const lacking = printed(await run(["restore-drill"], env(little)));
      expect(lacking).toEqual([
        `  alter role ${little} createdb;`,
        `  grant loghunter_app, loghunter_directory to ${little};`,
      ]);
      await asSuperuser(...lacking);
      expect(await run(["restore-drill"], env(little))).toMatchObject({ code: 0, err: "" });
    } finally {
      await asSuperuser(`drop role ${little}`, `drop role if exists ${mine}`);
    }
  });
});
