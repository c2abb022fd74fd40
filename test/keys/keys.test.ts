import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import type { Reply } from "../../src/chat/platform.ts";
import { KEY_PATTERN } from "../../src/keys/apiKey.ts";
import { createLinesSource } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const ADMIN = { id: "admin", name: "Ada", platformAdmin: true };
const DAY_MS = 24 * 60 * 60_000;

let t: TestApp;
let db: pg.Client;
const nowMs = Date.now();

beforeAll(async () => {
  t = await openTestApp({ logs: createLinesSource([]), now: () => nowMs });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
  await t.chat.fill("channel keys", {}, { channel: "keys", by: ADMIN });
});
afterAll(async () => {
  await db.end();
  await t.close();
});

function run(name: string, options: Record<string, string>, channel = "keys"): Promise<Reply> {
  return t.chat.fill(name, options, { channel, by: ADMIN });
}
function textOf(reply: Reply): string {
  return JSON.stringify(reply);
}
function keyIn(reply: Reply): string {
  const [key] = KEY_PATTERN.exec(textOf(reply)) ?? [];
  if (key === undefined) throw new Error(`no key in ${textOf(reply).slice(0, 400)}`);
  return key;
}
async function make(name: string, scopes = "read:analysis", expires = ""): Promise<string> {
  return keyIn(await run("keys create", { name, scopes, expires }));
}
async function get(path: string, key?: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${t.apiUrl}/v1${path}`, {
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  });
  return { status: answer.status, body: await answer.json() };
}

describe("a key", () => {
  test("is made in the key channel alone, by admins alone", async () => {
    const elsewhere = await run("keys create", { name: "a", scopes: "read:analysis" }, "general");
    expect(textOf(elsewhere)).toContain("key channel, and nowhere else");
    const somebody = await t.chat.fill(
      "keys create",
      { name: "a", scopes: "read:analysis" },
      { channel: "keys", by: { id: "u2", name: "Bob" } },
    );
    expect(textOf(somebody)).toContain("is for admins");
    const { rows } = await db.query("select from api_keys");
    expect(rows).toHaveLength(0);
  });

  test("works once it was shown, and what was told of it in the channel opens nothing", async () => {
    const key = await make("ci", "read:analysis, write:deploys");
    expect(await get("/key", key)).toEqual({
      status: 200,
      body: {
        name: "ci",
        organisation: "acme",
        scopes: ["read:analysis", "write:deploys"],
        expiresAt: new Date(nowMs + 90 * DAY_MS).toISOString(),
      },
    });
    const { rows } = await db.query<{ card: string }>(
      "select card::text from deliveries where kind = 'notice'",
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.card).toContain("Ada");
    expect(rows[0]?.card).toContain(`…${key.slice(-4)}`);
    expect(rows[0]?.card).not.toMatch(KEY_PATTERN);
  });
});
