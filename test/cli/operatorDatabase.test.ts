import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { withDatabase } from "../../src/backup/connection.ts";
import {
  asSuperuser,
  createEmptyDatabase,
  type EmptyDatabase,
  findTestPrograms,
  newFolder,
  run,
} from "../support/backups.ts";
import { createTestDatabase } from "../support/postgres.ts";

const programs = await findTestPrograms();
/** As a password. */
const SECRET = "not-to-be-said";
const login = `poor_${randomBytes(4).toString("hex")}`;

let migrated: EmptyDatabase;
let empty: EmptyDatabase;
let folder: string;

beforeAll(async () => {
  [migrated, empty] = await Promise.all([createTestDatabase(), createEmptyDatabase()]);
  folder = await newFolder();
  await writeFile(path.join(folder, "some.dump"), "");
  await asSuperuser(`create role ${login} login password '${SECRET}'`);
});
afterAll(async () => {
  await Promise.all([migrated.drop(), empty.drop()]);
  await asSuperuser(`drop role ${login}`);
});

const COMMANDS = [
  ["migrate", "--yes"],
  ["reencrypt"],
  ["keys", "list", "--org", "acme"],
  ["keys", "create", "--org", "acme", "--name", "ci", "--scopes", "read:logs"],
  ["keys", "revoke", "ci", "--org", "acme"],
] as const;

function as(user: string, database: EmptyDatabase): string {
  const url = new URL(database.url);
  url.username = user;
  url.password = SECRET;
  return url.href;
}

async function saidBy(args: readonly string[], url: string) {
  const { code, out, err } = await run(args, {
    ...{ DATABASE_URL: url, BACKUP_DIR: folder, STATE_DIR: folder },
    ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString("base64")}`,
  });
  expect(out + err).not.toContain(SECRET);
  expect(err).not.toMatch(/\n\s+at /);
  return { command: args.slice(0, 2).join(" "), code, err };
}

async function mustAllSay(
  commands: readonly (readonly string[])[],
  url: string,
  expected: { code: number; err: unknown },
) {
  for (const command of commands)
    expect(await saidBy(command, url)).toMatchObject({ command: expect.anything(), ...expected });
}

test("where the database cannot be reached, every command of operators says why in one sentence", async () => {
  const file = path.join(folder, "some.dump");
  const dumps = programs === undefined ? [] : [["backup"], ["restore", file], ["restore-drill", file]];
  const all = [...COMMANDS, ...dumps];
  await mustAllSay(all, `postgres://u:${SECRET}@127.0.0.1:9/db`, {
    ...{
      code: 5,
      err: "The database of DATABASE_URL does not answer. Start it, or correct the host and port.\n",
    },
  });
  await mustAllSay(all, as("nobody_of_this_name", migrated), {
    ...{ code: 5, err: "The database of DATABASE_URL refuses this user or password. Correct them.\n" },
  });
  await mustAllSay(all, withDatabase(migrated.url, "no_such_database"), {
    ...{ code: 5, err: "The server of DATABASE_URL has no such database. Create it first.\n" },
  });
  // Without the driver's warning of what `require` will mean to it one day.
  const [migrate, , list] = COMMANDS;
  await mustAllSay([migrate, list, ...dumps.slice(0, 1)], `${migrated.url}?sslmode=require`, {
    code: 5,
    err: expect.stringMatching(/^The server of DATABASE_URL offers no TLS\. .*\n$/),
  });
}, 300_000);

test("of a schema that is not there, and of rights that lack, the commands say what gives them", async () => {
  const behind =
    "LogHunter's schema in the database of DATABASE_URL is not there, or behind. Run: loghunter migrate\n";
  await mustAllSay(COMMANDS.slice(1), empty.url, { code: 1, err: behind });
  await mustAllSay(COMMANDS, as(login, migrated), {
    code: 1,
    err: expect.stringMatching(
      /^The database's login \w+ lacks rights to the schema, which \w+ laid out\. Put that login into .*\n$/,
    ),
  });
  const env = { DATABASE_URL: as(login, migrated), STATE_DIR: folder, HTTP_PORT: "9" };
  const { findings } = JSON.parse((await run(["doctor", "--json"], env)).out) as {
    findings: { name: string; state: string; fix?: string }[];
  };
  expect(findings.filter(({ state }) => state === "failure")).toMatchObject([
    { name: "schema", fix: expect.stringContaining("Put that login into DATABASE_URL") },
  ]);
  expect(await saidBy(["migrate", "--yes"], as(login, empty))).toMatchObject({
    code: 1,
    err: expect.stringContaining(`grant loghunter_app, loghunter_directory to ${login};`),
  });
}, 300_000);

test("what is typed wrong of a key is wrong usage", async () => {
  const typed = [...COMMANDS[3], "--expires", "5y"];
  expect(await saidBy(typed, migrated.url)).toMatchObject({
    ...{ code: 2, err: '"5y" is not how long a key works. Try 30d, 90d, 365d or never.\n' },
  });
});
