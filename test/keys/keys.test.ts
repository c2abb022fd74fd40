import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Reply } from "../../src/chat/platform.ts";
import { KEY_PATTERN } from "../../src/keys/apiKey.ts";
import { until } from "../support/eventually.ts";
import { createLinesSource } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const ADMIN = { id: "admin", name: "Ada", platformAdmin: true };
const DAY_MS = 24 * 60 * 60_000;

let t: TestApp;
let db: pg.Client;
let nowMs = Date.now();

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
/** A key that was made, and that nobody has been shown yet. */
function asked(name: string): Promise<Reply> {
  return t.app.core.handle({
    ...{ kind: "command", id: `make ${name} ${Math.random()}`, person: ADMIN },
    place: { platform: "recording", workspace: "T1", channel: "keys" },
    call: { name: "keys create", options: { name, scopes: "read:analysis" }, whole: true },
  });
}
async function ended(reply: Reply): Promise<Card | undefined> {
  return reply.kind === "message" ? reply.secret?.ended("shown") : undefined;
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
    for (const name of ["keys create", "keys rotate", "keys revoke"]) {
      const form = await t.app.core.form({
        ...{ kind: "command", id: name, person: ADMIN, call: { name, options: {} } },
        place: { platform: "recording", workspace: "T1", channel: "general" },
      });
      expect(JSON.stringify(form)).toContain("key channel, and nowhere else");
    }
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

describe("what nobody was shown", () => {
  test.each(["not shown", "not known"] as const)(
    "%s: the key is revoked at once, and the person and the channel are told",
    async (outcome) => {
      t.chat.showsSecrets(outcome);
      const key = await make(`lost-${outcome.replace(" ", "-")}`).finally(() => t.chat.showsSecrets("shown"));
      expect((await get("/key", key)).status).toBe(401);
      expect(JSON.stringify(t.chat.told.at(-1)?.card)).toContain("was revoked and never worked");
      const { rows } = await db.query<{ card: string }>(
        "select card::text from deliveries where card::text like $1",
        [`%lost-${outcome.replace(" ", "-")}%revoked at once%`],
      );
      expect(rows).toHaveLength(1);
    },
  );

  test("whose process died in between, ends by itself", async () => {
    const reply = await asked("died");
    const key = keyIn(reply);
    expect((await get("/key", key)).status).toBe(401);
    await t.app.careForKeys();
    expect(await state("died")).toBe("pending");
    // The database has noted by its own clock when it was made, which goes on while this one stands still.
    nowMs += 60 * 60_000;
    await t.app.careForKeys();
    expect(await state("died")).toBe("revoked");
  });
});

async function state(name: string): Promise<string | undefined> {
  const { rows } = await db.query<{ state: string }>(
    `select case when deleted_at is not null then 'revoked' when shown_at is null then 'pending' else 'live' end as state
     from api_keys where name = $1 order by created_at desc limit 1`,
    [name],
  );
  return rows[0]?.state;
}

describe("a name", () => {
  test("is one key's, in upper and lower case", async () => {
    await make("Twice");
    expect(textOf(await run("keys create", { name: "twice", scopes: "read:analysis" }))).toContain(
      "There is a key twice already",
    );
  });

  test("that two take in one moment is the first one's: the other is revoked", async () => {
    const first = await asked("race");
    const second = await asked("race");
    expect(await ended(first)).toBeUndefined();
    expect(JSON.stringify(await ended(second))).toContain("another key of that name was made");
    const answers = await Promise.all([first, second].map((reply) => get("/key", keyIn(reply))));
    expect(answers.map(({ status }) => status)).toEqual([200, 401]);
  });

  test("is free again once the key is revoked", async () => {
    const first = await make("again");
    await run("keys revoke", { name: "AGAIN" });
    const second = await make("again");
    expect((await get("/key", first)).status).toBe(401);
    expect((await get("/key", second)).status).toBe(200);
  });

  test.each(["", "two words", "x".repeat(61), "-first", "AKIAIOSFODNN7EXAMPLE"])(
    "%j is refused",
    async (name) => {
      expect(textOf(await run("keys create", { name, scopes: "read:analysis" }))).toContain("NOT DONE");
    },
  );
});

describe("rotating", () => {
  test("gives a new key, beside which the old one works for its grace", async () => {
    const before = await make("turn", "read:logs", "30d");
    const reply = await run("keys rotate", { name: "turn", grace: "1h" });
    const after = keyIn(reply);
    expect((await get("/key", before)).status).toBe(200);
    expect(await get("/key", after)).toMatchObject({
      status: 200,
      body: { name: "turn", scopes: ["read:logs"] },
    });
    nowMs += 60 * 60_000;
    expect((await get("/key", before)).status).toBe(401);
    expect((await get("/key", after)).status).toBe(200);
  });

  test("promises the old one no longer time than it has", async () => {
    const told = async () =>
      (
        await db.query<{ card: string }>(
          "select card::text from deliveries where card::text like '%key late rotated%' order by created_at desc limit 1",
        )
      ).rows[0]?.card;
    await make("late", "read:logs", "30d");
    const endsAtMs = nowMs + 30 * DAY_MS;
    nowMs = endsAtMs - 60 * 60_000;
    expect(textOf(await run("keys rotate", { name: "late" }))).toContain("until its grace is over");
    expect(await told()).toContain(String(endsAtMs));
    expect(await told()).not.toContain(String(nowMs + DAY_MS));

    nowMs += 31 * DAY_MS;
    expect(textOf(await run("keys rotate", { name: "late" }))).toContain("The key before it works no longer");
    expect(await told()).toContain("works no longer");
  });

  test("whose new key was not shown leaves the old one as it is", async () => {
    const before = await make("stay");
    t.chat.showsSecrets("not shown");
    await run("keys rotate", { name: "stay" }).finally(() => t.chat.showsSecrets("shown"));
    nowMs += 25 * 60 * 60_000;
    expect((await get("/key", before)).status).toBe(200);
  });

  test("time and again leaves no key behind that has ended: others can still be made, found and listed", async () => {
    await db.query(
      `\
insert into api_keys (id, tenant_id, name, key_hash, scopes, last_four, created_by, expires_at, shown_at, replaced_at)
select uuid_generate_v4(), t.id, 'daily', 'x' || n, array['read:logs'], 'aaaa', 'admin', to_timestamp($1), to_timestamp($1), to_timestamp($1)
from tenants t, generate_series(1, 600) n where t.loki_org_id = 'acme'`,
      [nowMs / 1_000 - 60],
    );
    await make("weekly", "read:logs");
    const listed = textOf(await run("keys list", {}));
    expect(listed).toContain("weekly");
    expect(listed).not.toContain("daily");
    const rotated = keyIn(await run("keys rotate", { name: "Weekly", grace: "1h" }));
    expect((await get("/key", rotated)).status).toBe(200);
  });

  test("and revoking ends both", async () => {
    const before = await make("both");
    const after = keyIn(await run("keys rotate", { name: "both", grace: "7d" }));
    await run("keys revoke", { name: "both" });
    expect([(await get("/key", before)).status, (await get("/key", after)).status]).toEqual([401, 401]);
  });
});

test("an expired key opens nothing, and its channel was told a week before", async () => {
  const key = await make("short", "read:analysis", "30d");
  expect((await get("/key", key)).status).toBe(200);
  await t.app.careForKeys();
  const told = async () =>
    (await db.query("select from deliveries where card::text like '%short ends in a week%'")).rows.length;
  expect(await told()).toBe(0);
  nowMs += 24 * DAY_MS;
  await t.app.careForKeys();
  await t.app.careForKeys();
  expect(await told()).toBe(1);
  nowMs += 6 * DAY_MS;
  expect((await get("/key", key)).status).toBe(401);
});

test("when a key was used last is kept, to some minutes", async () => {
  const key = await make("used");
  const used = async () =>
    (await db.query<{ at: Date | null }>("select last_used_at as at from api_keys where name = 'used'"))
      .rows[0]?.at;
  expect(await used()).toBeNull();
  await get("/key", key);
  await until(async () => (await used()) !== null, "a time at which it was used");
  expect((await used())?.getTime()).toBe(nowMs);
  expect(textOf(await run("keys list", {}))).toContain("last used");
});

test("the audit tells who did what, from where, and who was refused", async () => {
  const told = await t.chat.fill("audit", { since: "400d" }, { by: ADMIN });
  const audit = told.kind === "message" ? plainText(told.card) : "";
  for (const told of [
    "Ada made an API key: ci",
    "Ada rotated an API key: turn",
    "Ada revoked an API key: both",
  ])
    expect(audit).toContain(told);
  expect(audit).toContain("Ada changed what a channel is for: #keys (is=on, purpose=keys)");
  expect(audit).toMatch(/Ada was refused: keys create \(why=not a key channel\)\n.* from #general/);
  expect(audit).toMatch(/Bob was refused: keys create \(needs=admin\)\n.* from #keys/);
  expect(audit).not.toMatch(KEY_PATTERN);
});

test("no raw key stands in the database", async () => {
  const { rows: tables } = await db.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
  );
  for (const { name } of tables) {
    const { rows } = await db.query<{ row: string }>(`select t::text as row from ${name} t`);
    expect([name, rows.filter(({ row }) => KEY_PATTERN.test(row))]).toEqual([name, []]);
  }
});
