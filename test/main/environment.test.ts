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
