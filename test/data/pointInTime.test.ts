import { execFileSync } from "node:child_process";
import { appendFile, chmod, chown, copyFile, cp, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import type pg from "pg";
import type { EmbeddedPostgres } from "../../adapters/postgres/index.ts";
import { libpqEnvironment, withDatabase } from "../../src/backup/connection.ts";
import { migrateUp } from "../../src/migrations.ts";
import { scratchFolder, start } from "../adapters/postgres/scratch.ts";
import { findTestPrograms } from "../support/backups.ts";
import { until } from "../support/eventually.ts";
import { onDatabase } from "../support/postgres.ts";

const programs = await findTestPrograms();
/** Debian's wrappers in /usr/bin leave pg_verifybackup out. */
const bins = [path.dirname(programs?.pgDump ?? ""), `/usr/lib/postgresql/${programs?.major}/bin`].join(":");
const DEPLOY = fileURLToPath(new URL("../../deploy/postgres", import.meta.url));

/** docs/recovery.md, "To a point in time", step by step. */
(programs === undefined ? describe.skip : describe)("recovery to a point in time", () => {
  test("brings back what was deleted after it, and nothing that came later", async () => {
    const folder = await scratchFolder();
    const [first, second, archive] = ["first", "second", "archive"].map((name) =>
      path.join(folder, name),
    ) as [string, string, string];
    await mkdir(archive);
    await chmod(archive, 0o777); // The server's account is another where root runs this.
    // What docker-compose.prod.yml runs.
    for (const script of ["archive-wal.sh", "base-backup.sh"])
      await copyFile(path.join(DEPLOY, script), path.join(folder, script));
    const archiving = {
      archive_mode: "on",
      archive_command: `WAL_ARCHIVE=${archive} /bin/sh ${folder}/archive-wal.sh %p %f`,
    };
    await (await start({ directory: first })).stop();
    await appendFile(path.join(first, "data", "postgresql.conf"), settingsOf(archiving));
    const server = await start({ directory: first });
    await migrateUp(server.url);
    const bases = path.join(folder, "bases");
    await mkdir(bases);
    const tooOld = "000000010000000000000000.gz";
    await writeFile(path.join(archive, tooOld), "");
    await writeFile(path.join(archive, "00000001.history.gz"), "");
    const env = libpqEnvironment(withDatabase(server.url, "postgres"), process.env);
    const said = execFileSync("/bin/sh", [path.join(folder, "base-backup.sh")], {
      env: { ...env, PATH: `${bins}:${env.PATH}`, BASE_BACKUPS: bases, WAL_ARCHIVE: archive, ONCE: "1" },
      stdio: "pipe",
    }).toString();
    const [made = ""] = await readdir(bases);
    expect(said).toContain(`base backup ${made} is whole`);
    const archived = await readdir(archive);
    expect([archived.includes(tooOld), archived.includes("00000001.history.gz")]).toEqual([false, true]);
    const base = path.join(bases, made);

    const [tooEarly, before] = await onDatabase(server.url, async (client) => {
      const { rows: early } = await client.query<{ now: string }>("select clock_timestamp()::text as now");
      await pause(20);
      await addTenant(client, "kept");
      await client.query(
        "insert into saved_filters (tenant_id, name, filter_json, created_by) select id, 'f' || n, '{}', 'ada' from tenants, generate_series(1, 1000) n",
      );
      const { rows } = await client.query<{ now: string }>("select clock_timestamp()::text as now");
      await pause(20);
      // The mistake, and what was done after it before anybody saw.
      await client.query("delete from tenants");
      await client.query("drop table saved_filters cascade");
      await addTenant(client, "too late");
      return [early[0]?.now as string, rows[0]?.now as string];
    });
    const { rows } = await onDatabase(server.url, (client) =>
      client.query<{ wal: string }>("select pg_walfile_name(pg_switch_wal()) as wal"),
    );
    const segment = path.join(archive, `${rows[0]?.wal}.gz`);
    await arrives(segment);
    // One a minute of 16 MB would be 23 GB a day.
    expect((await stat(segment)).size).toBeLessThan(2_000_000);
    const twice = path.join(folder, "twice");
    const archiveAgain = () =>
      execFileSync("/bin/sh", [path.join(folder, "archive-wal.sh"), twice, "twice"], {
        env: { PATH: env.PATH, WAL_ARCHIVE: archive },
      });
    await writeFile(twice, "one thing");
    archiveAgain();
    archiveAgain();
    await writeFile(twice, "another");
    expect(archiveAgain).toThrow();
    await server.stop();

    const recovery = {
      restore_command: `gzip -dc ${archive}/%f.gz > %p`,
      recovery_target_action: "promote",
      recovery_target_timeline: "current",
    };
    const recover = async (directory: string, recovery_target_time: string) => {
      await mkdir(directory);
      await putInPlace(base, path.join(directory, "data"), { ...recovery, recovery_target_time }, server);
      await copyFile(path.join(first, "password"), path.join(directory, "password"));
      return start({ directory });
    };
    // Somebody is wrong about the time first, and what that one wrote is in the archive too.
    const wrong = await recover(path.join(folder, "wrong"), tooEarly as string);
    await arrives(path.join(archive, "00000002.history.gz"));
    await wrong.stop();
    const begun = performance.now();
    const recovered = await recover(second, before as string);
    try {
      await onDatabase(recovered.url, async (client) => {
        // It answers while it still replays.
        while ((await client.query("select where pg_is_in_recovery()")).rowCount !== 0) await pause(10);
        process.stderr.write(`recovered to ${before} in ${Math.round(performance.now() - begun)} ms\n`);
        const { rows: tenants } = await client.query("select name from tenants");
        expect(tenants).toEqual([{ name: "kept" }]);
        const { rows: filters } = await client.query("select count(*)::int as rows from saved_filters");
        expect(filters).toEqual([{ rows: 1_000 }]);
        await client.query("set role loghunter_app");
        expect((await client.query("select from saved_filters")).rowCount).toBe(0);
        await client.query("reset role");
        await addTenant(client, "life goes on");
      });
    } finally {
      await recovered.stop();
    }
  });
});

async function addTenant(client: pg.Client, name: string): Promise<void> {
  await client.query("insert into tenants (name, loki_org_id) values ($1, $1)", [name]);
}

function arrives(file: string): Promise<void> {
  return until(async () => (await stat(file).catch(() => undefined)) !== undefined, `${file} in the archive`);
}

function settingsOf(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join("");
}

/** A base backup as the data of another server, owned as those of the first are. */
async function putInPlace(
  base: string,
  data: string,
  recovery: Record<string, string>,
  like: EmbeddedPostgres,
): Promise<void> {
  await cp(base, data, { recursive: true });
  await chmod(data, 0o700);
  await writeFile(path.join(data, "recovery.signal"), "");
  await appendFile(path.join(data, "postgresql.auto.conf"), settingsOf(recovery));
  const { uid, gid } = await stat(like.dataDirectory);
  for (const name of [".", ...(await readdir(data, { recursive: true }))])
    await chown(path.join(data, name), uid, gid);
}
