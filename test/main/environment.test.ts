import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readEnvironment } from "../../src/config.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "loghunter-settings-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function fileOf(text: string): Promise<string> {
  const file = join(directory, `${Math.random()}`);
  await writeFile(file, text);
  return file;
}

test("a setting may stand in a file, as secrets of containers do", async () => {
  const env = {
    DATABASE_URL_FILE: await fileOf("postgres://u:p@db/loghunter\n"),
    LOKI_KEY_FILE: "/etc/client.key",
    WEB_PORT: "3999",
  };
  const read = readEnvironment(env);
  expect([read.databaseUrl, read.lokiKeyFile, read.webPort]).toEqual([
    "postgres://u:p@db/loghunter",
    "/etc/client.key",
    3999,
  ]);
});

test("what cannot be read, stands twice, or is wrong in its file is told without its value", async () => {
  const wrong = {
    SLACK_BOT_TOKEN_FILE: await fileOf("xapp-secret-1"),
    DISCORD_TOKEN: "secret-2",
    DISCORD_TOKEN_FILE: await fileOf("secret-3"),
    LOKI_TOKEN_FILE: join(directory, "missing"),
    WEB_PORT: "secret-4",
    LOKI_CONCURRENCY: "17",
    GRAFANA_EXPLORE: "secret-5",
  };
  let said = "";
  try {
    readEnvironment(wrong);
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said).toContain("SLACK_BOT_TOKEN      must begin with xoxb-");
  expect(said).toContain("DISCORD_TOKEN        is set, and DISCORD_TOKEN_FILE as well: unset one of them");
  expect(said).toContain("LOKI_TOKEN           the file of LOKI_TOKEN_FILE cannot be read (ENOENT)");
  expect(said).toContain("WEB_PORT             must be a number");
  expect(said).toContain("LOKI_CONCURRENCY     must be at most 16");
  expect(said).toContain("GRAFANA_EXPLORE      must be one of panes, left");
  expect(said).not.toContain("secret-");
});

test("an empty file of a secret is refused, and not taken for a setting that is not set", async () => {
  const empty = { DATABASE_URL_FILE: "/dev/null", REDIS_URL_FILE: await fileOf(" \n") };
  expect(() => readEnvironment(empty)).toThrow(
    /DATABASE_URL +the file of DATABASE_URL_FILE is empty: write the value into it, or unset DATABASE_URL_FILE\n +REDIS_URL +the file of REDIS_URL_FILE is empty/,
  );
});

test.each([
  [{ HTTP_PORT: "70000" }, "HTTP_PORT            must be at most 65535"],
  [{ WEB_PORT: "-1" }, "WEB_PORT             must be at least 0"],
  [{ WEB_PORT: "eighty" }, "WEB_PORT             must be a number"],
  [{ BACKUP_DAYS: "1.5" }, "BACKUP_DAYS          must be a whole number"],
  [{ LOG_LEVEL: "loud" }, "LOG_LEVEL            must be one of debug, info, warn, error, silent"],
  [{ DISCORD_MESSAGE_CONTENT: "true" }, "DISCORD_MESSAGE_CONTENT must be one of yes, no"],
  [
    { DATABASE_URL: "postgres://u:secret-/1@h/db" },
    "DATABASE_URL         is no address that can be read: signs such as @, / and # in a password are written %40, %2F and %23",
  ],
])("what is wrong with %j is said in words for people", (env, said) => {
  let message = "";
  try {
    readEnvironment(env);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain(`  ${said}\n`);
  expect(message).not.toMatch(/secret-|expected|Invalid|Too /);
});
