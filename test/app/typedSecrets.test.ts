import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { createConsoleHistory } from "../../src/console/history.ts";
import type { LineQuery, LogSource } from "../../src/logs/source.ts";
import { openWebHarness } from "../adapters/web/harness.ts";
import type { ChatPlatformHarness, Standing } from "../contract/chatHarness.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import type { RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 12);
/** Put together here, so that no scanner takes this file for a leak. It was never real. */
const SECRET = ["q7Rt", "ZAK1", "9xLm2vKz"].join("");

const lines = Array.from({ length: 700 }, (_, n) => {
  const failing = n > 600;
  return lineAt(NOW_MS - (3_500 - n * 5) * 1_000, failing ? "ERROR no space left on device" : "fine", {
    level: failing ? "ERROR" : "INFO",
  });
});
/** The logs, and what was asked of them. */
const asked: LineQuery[] = [];
const source = createLinesSource(lines);
const logs: LogSource = {
  ...source,
  lines(org, query) {
    asked.push(query);
    return source.lines(org, query);
  },
};

let opened: TestApp;
let chat: RecordingPlatform;
let web: ChatPlatformHarness;

beforeAll(async () => {
  opened = await openTestApp({ logs, now: () => NOW_MS });
  chat = opened.chat;
  const { core, directory } = opened.app;
  await directory.connect({
    platform: "web",
    externalId: "here",
    workspaceName: "here",
    lokiOrgId: "acme",
  });
  web = await openWebHarness(core, { history: createConsoleHistory(directory, "web", "here") });
});

afterAll(async () => {
  await web.close();
  await opened.close();
});

/** Every row of every table, as text. */
async function allRows(): Promise<{ table: string; row: string }[]> {
  const client = new pg.Client({ connectionString: opened.databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    const found: { table: string; row: string }[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      for (const { row } of rows) found.push({ table: name, row });
    }
    return found;
  } finally {
    await client.end();
  }
}

async function rowsOf(name: string): Promise<string[]> {
  return (await allRows()).filter(({ table }) => table === `public.${name}`).map(({ row }) => row);
}

async function expectNoSecret(): Promise<void> {
  const leaks = (await allRows()).filter(({ row }) => row.includes(SECRET.slice(0, 9)));
  expect(leaks).toEqual([]);
}

/** In the channel itself. */
async function lastSaid(by: Standing["by"]): Promise<Standing> {
  const found = (await web.standing()).findLast(
    (message) => message.by === by && message.thread === undefined,
  );
  if (found === undefined) throw new Error(`no message of a ${by}`);
  return found;
}

describe("a secret that somebody types is in no row afterwards", () => {
  test.each([
    `search password=${SECRET}`,
    `search "password=${SECRET}" service:checkout`,
    `search {service_name="checkout"} |= "password=${SECRET}"`,
    `deploy checkout password=${SECRET}`,
    `deploy password=${SECRET} 2.4.1`,
    `errors password=${SECRET}`,
    `analyze password=${SECRET}`,
    `filters save mine password=${SECRET}`,
    `filters save mine service:checkout bearer ${SECRET}`,
    `filters run password=${SECRET}`,
    `mute password=${SECRET} 1h`,
    `mute checkout 1h the password=${SECRET} was changed`,
    "channel alerts",
    `channel policy services:password=${SECRET}`,
    `channel policy mention:password=${SECRET}`,
    `members role password=${SECRET} admin`,
    `connect acme code:password=${SECRET}`,
    `tenant invite org:password=${SECRET}`,
    `nonsense password=${SECRET}`,
    `help password=${SECRET}`,
  ])("as /loghunter %s", async (typed) => {
    await web.command(typed);
    expect((await lastSaid("person")).text).toContain("/loghunter");
    await expectNoSecret();
  });

  test("as words under a message", async () => {
    await web.command("errors checkout");
    const { id } = await lastSaid("bot");
    await web.reply(id, `is it password=${SECRET}?`);
    expect((await rowsOf("console_messages")).join("\n")).toContain("is it password=<redacted:password>");
    await expectNoSecret();
  });

  test("as a question about a root cause, and the talk goes on", async () => {
    const { messageId } = await chat.type("analyze checkout");
    await chat.until(messageId, ({ tone }) => tone !== "working");
    await chat.answer(messageId, `is it password=${SECRET}?`);
    await chat.answer(messageId, "since when?");

    const turns = await rowsOf("conversation_messages");
    expect(turns).toHaveLength(4);
    expect(turns.join("\n")).toMatch(/is it password=<redacted:password>/);
    await expectNoSecret();
  });
});

describe("what was typed", () => {
  test("is searched for as it was typed, and shown without its secret", async () => {
    const act = await web.command(`search password=${SECRET}`);
    expect(asked.at(-1)?.contains).toEqual([`password=${SECRET}`]);
    expect((await lastSaid("person")).text).toContain("/loghunter search password=<redacted:password>");
    expect((await lastSaid("bot")).text).toContain("holds password=<redacted:password>");

    const before = [(await web.standing()).length, asked.length];
    await act.again();
    expect([(await web.standing()).length, asked.length]).toEqual(before);
  });

  test("is a deploy's version without the secret in it", async () => {
    await web.command("deploy checkout 2.4.1-9f3c0efa");
    await web.command(`deploy checkout password=${SECRET}`);
    const marks = await rowsOf("deploy_markers");
    expect(marks.at(-2)).toContain("2.4.1-9f3c0efa");
    expect(marks.at(-1)).toContain("password=<redacted:password>");
  });

  test.each([
    `password=${SECRET}`,
    `bearer ${SECRET}`,
    "service:checkout jane.doe@example.com",
    `service:password=${SECRET}`,
  ])("is refused as a filter where it holds a secret: %s", async (conditions) => {
    const before = await rowsOf("saved_filters");
    await web.command(`filters save mine ${conditions}`);
    expect((await lastSaid("bot")).text).toContain(
      "That filter holds what looks like a password, a token or personal data, and filters are kept for everybody: leave it out, and search for it without saving.",
    );
    expect(await rowsOf("saved_filters")).toEqual(before);
  });

  test("is kept as a filter where it only speaks of secrets", async () => {
    await web.command('filters save talk service:checkout "password expired" token order-17');
    expect((await lastSaid("bot")).text).toContain("Filter talk saved");
  });
});
