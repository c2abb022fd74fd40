import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { services } from "../support/compose.ts";
import { until } from "../support/eventually.ts";

const SCRIPT = fileURLToPath(new URL("../../deploy/postgres/base-backup.sh", import.meta.url));
const DAY_MS = 24 * 60 * 60_000;
const LABEL = "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "loghunter-base-"));
  const programs = {
    pg_basebackup: `for each; do case $each in --pgdata=*) to=\${each#*=}; esac; done; mkdir "$to"; echo '${LABEL}' > "$to/backup_label"`,
    pg_verifybackup: "",
    // What pauses is what has nothing to do.
    sleep: `echo paused > "$PAUSED"; exec /bin/sleep "$1"`,
  };
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(path.join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(folder, name), 0o755);
  }
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ["a restart takes no other one within a week", 6, {}, 1],
  ["after a week there is another one", 8, {}, 2],
  ["one that is asked for is taken at once", 6, { ONCE: "1" }, 2],
])("%s", async (_, days, env, expected) => {
  const base = await mkdtemp(path.join(folder, "base-"));
  const earlier = path.join(base, "20260131T030000Z");
  await mkdir(earlier);
  await writeFile(path.join(earlier, "backup_label"), `${LABEL}\n`);
  const at = new Date(Date.now() - days * DAY_MS);
  await utimes(earlier, at, at);
  const archive = await mkdtemp(path.join(folder, "archive-"));
  const paused = path.join(archive, "paused");
  const loop = spawn("/bin/sh", [SCRIPT], {
    detached: true,
    env: {
      PATH: `${folder}:${process.env.PATH}`,
      BASE_BACKUPS: base,
      WAL_ARCHIVE: archive,
      PAUSED: paused,
      ...env,
    },
  });
  let isOver = false;
  loop.once("close", () => {
    isOver = true;
  });
  try {
    await until(async () => isOver || (await readdir(archive)).includes("paused"));
    expect(await readdir(base)).toHaveLength(expected);
  } finally {
    if (!isOver) process.kill(-(loop.pid as number), "SIGTERM");
  }
});

test("the container is healthy with a base backup of the last days, and not with an older or an unfinished one", async () => {
  const base = await mkdtemp(path.join(folder, "base-"));
  const [, check = ""] = services["base-backup"]?.healthcheck?.test ?? [];
  const isHealthy = () =>
    new Promise((resolve) =>
      spawn("/bin/sh", ["-c", check.replace("/base", base)]).once("close", (code) => resolve(code === 0)),
    );
  await mkdir(path.join(base, ".new-20260131T030000Z"));
  expect(await isHealthy()).toBe(false);
  const made = path.join(base, "20260131T030000Z");
  await mkdir(made);
  expect(await isHealthy()).toBe(true);
  const at = new Date(Date.now() - 9 * DAY_MS);
  await utimes(made, at, at);
  expect(await isHealthy()).toBe(false);
});

test("one that is asked for while the loop takes its own spoils neither", async () => {
  const base = await mkdtemp(path.join(folder, "base-"));
  const archive = await mkdtemp(path.join(folder, "archive-"));
  const bin = await mkdtemp(path.join(folder, "bin-"));
  // Takes a while, and fails where its folder was taken away.
  await writeFile(
    path.join(bin, "pg_basebackup"),
    `#!/bin/sh\n"${folder}/pg_basebackup" "$@"\necho > "${archive}/begun"\n/bin/sleep 1.5\n`,
  );
  await chmod(path.join(bin, "pg_basebackup"), 0o755);
  const env = {
    PATH: `${bin}:${folder}:${process.env.PATH}`,
    ...{ BASE_BACKUPS: base, WAL_ARCHIVE: archive, PAUSED: path.join(archive, "paused"), ONCE: "1" },
  };
  const codeOf = (run: ReturnType<typeof spawn>) =>
    new Promise<number | null>((resolve) => run.once("close", resolve));
  const first = codeOf(spawn("/bin/sh", [SCRIPT], { env }));
  await until(async () => (await readdir(archive)).includes("begun"));
  const second = codeOf(spawn("/bin/sh", [SCRIPT], { env }));
  expect(await Promise.all([first, second])).toEqual([0, 0]);
  expect((await readdir(base)).filter((name) => !name.startsWith("."))).toHaveLength(2);
});
