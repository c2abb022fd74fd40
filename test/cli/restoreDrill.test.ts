import { randomBytes } from "node:crypto";
import { copyFile, stat } from "node:fs/promises";
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
  on,
  run,
  start,
  tablesOf,
  wrapPrograms,
} from "../support/backups.ts";
import { createTestDatabase } from "../support/postgres.ts";
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
    await on(newer, (client) =>
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
    expect(await on(url, describeSchema)).toEqual(await on(t.url, describeSchema));
  });
});

withPrograms("a drill", () => {
  const real = programs as NonNullable<typeof programs>;

  test("leaves no database behind, also where it is stopped, and drops those of killed ones", async () => {
    const killed = `loghunter_drill_1700000000_${randomBytes(4).toString("hex")}`;
    await asSuperuser(`create database ${killed}`);
    const drills = async () => {
      const sql = "select datname from pg_database where starts_with(datname, 'loghunter_drill_')";
      const { rows } = await on(t.url, (client) => client.query<{ datname: string }>(sql));
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
    for (let tries = 0; !(await gone()); tries++) {
      if (tries > 200) throw new Error("a drill left its database");
      await pause(50);
    }
    const none = await run(["restore-drill"], { DATABASE_URL: t.url, BACKUP_DIR: await newFolder() });
    expect(none).toMatchObject({ code: 4, err: expect.stringContaining("loghunter backup") });
  });
});
