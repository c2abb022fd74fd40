import { appendFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { asRole } from "../../src/database.ts";
import { readArchiving } from "../../src/databaseArchive.ts";
import { archiveCheck } from "../../src/doctor/archive.ts";
import { runChecks } from "../../src/doctor/check.ts";
import { migrateUp } from "../../src/migrations.ts";
import { query, scratchFolder, start } from "../adapters/postgres/scratch.ts";
import { until } from "../support/eventually.ts";

test("a log that the server cannot archive is told from its first failure on, and no more once it can", async () => {
  const directory = await scratchFolder();
  const first = await start({ directory });
  await migrateUp(first.url);
  const found = async (url: string) =>
    (await runChecks([archiveCheck(url)], 10_000)).map(({ state, finding }) => `${state}: ${finding}`);
  // Which does not archive.
  expect(await found(first.url)).toEqual([]);
  await first.stop();
  await appendFile(
    path.join(directory, "data", "postgresql.conf"),
    "\narchive_mode = on\narchive_command = 'false'\n",
  );
  const { url } = await start({ directory });
  // As the metric asks.
  const asked = () => asRole(url, "loghunter_directory", readArchiving);
  expect(await asked()).toEqual({});
  await query(url, "select pg_switch_wal()");
  await until(async () => (await asked())?.failsForMs !== undefined);
  expect(await found(url)).toEqual([
    expect.stringMatching(
      /^failure: PostgreSQL has failed to archive its log for .+ fills the server's disk\.$/,
    ),
  ]);
  await query(url, "alter system set archive_command = 'true'");
  await query(url, "select pg_reload_conf()");
  await until(async () => (await asked())?.failsForMs === undefined);
  expect(await found(url)).toEqual(["well: PostgreSQL archives its log."]);
});
