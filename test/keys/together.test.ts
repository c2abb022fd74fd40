import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import type { Card } from "../../src/chat/card.ts";
import type { Reply } from "../../src/chat/platform.ts";
import { KEY_PATTERN } from "../../src/keys/apiKey.ts";
import { until } from "../support/eventually.ts";
import { createLinesSource } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const ADMIN = { id: "admin", name: "Ada", platformAdmin: true };
let t: TestApp;
let db: pg.Client;
beforeAll(async () => {
  t = await openTestApp({ logs: createLinesSource([]) });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
  await t.chat.fill("channel keys", {}, { channel: "keys", by: ADMIN });
});
afterAll(async () => {
  await db.end();
  await t.close();
});

const textOf = (reply: Reply | Card | undefined) => JSON.stringify(reply);
const keyIn = (reply: Reply) => KEY_PATTERN.exec(textOf(reply))?.[0] ?? "";
const run = (name: string, options: Record<string, string>) =>
  t.chat.fill(name, options, { channel: "keys", by: ADMIN });

/** A key that is to take the place of another, and that nobody has been shown yet. */
function rotating(name: string, id = "1"): Promise<Reply> {
  return t.app.core.handle({
    ...{ kind: "command", id: `rotate ${name} ${id}`, person: ADMIN },
    place: { platform: "recording", workspace: "T1", channel: "keys" },
    call: { name: "keys rotate", options: { name }, whole: true },
  });
}
async function ended(reply: Reply): Promise<Card | undefined> {
  return reply.kind === "message" ? reply.secret?.ended("shown") : undefined;
}
async function statusOf(key: string): Promise<number> {
  return (await fetch(`${t.apiUrl}/v1/key`, { headers: { authorization: `Bearer ${key}` } })).status;
}

/** Keys are being made, each until `end`. */
async function hold(): Promise<{ begun(count: number): Promise<void>; end(): Promise<void> }> {
  await db.query(`\
create function waits() returns trigger language plpgsql as $$
begin perform pg_advisory_xact_lock(77); return new; end $$;
create trigger waits before insert on api_keys for each row execute function waits();
select pg_advisory_lock(77)`);
  const waiting = "select from pg_locks where locktype = 'advisory' and objid = 77 and not granted";
  return {
    begun: (count) => until(async () => (await db.query(waiting)).rowCount === count),
    async end() {
      await db.query("select pg_advisory_unlock(77)");
      await db.query("drop trigger waits on api_keys; drop function waits");
    },
  };
}

test("a new key does not outlive that the one before it is revoked while it is being made", async () => {
  const first = keyIn(await run("keys create", { name: "leaked", scopes: "read:analysis" }));
  const held = await hold();
  const asked = rotating("leaked");
  await held.begun(1);
  expect(textOf(await run("keys revoke", { name: "leaked" }))).toContain("REVOKED");
  await held.end();

  const rotated = await asked;
  expect(textOf(await ended(rotated))).toContain("revoked or replaced in the same moment");
  expect(await Promise.all([first, keyIn(rotated)].map(statusOf))).toEqual([401, 401]);
  expect(textOf(await run("keys list", {}))).not.toContain("leaked");
});

test("of two who rotate a key in one moment the first one's works, and the key before it for its grace", async () => {
  const first = keyIn(await run("keys create", { name: "ours", scopes: "read:analysis" }));

  const held = await hold();
  const asked = [rotating("ours", "a"), rotating("ours", "b")];
  await held.begun(2);
  await held.end();
  const both = await Promise.all(asked);
  const cards = await Promise.all(both.map(ended));

  expect(cards.map((card) => card?.badge).toSorted()).toEqual(["REVOKED", undefined]);
  expect(await statusOf(first)).toBe(200);
  expect((await Promise.all(both.map(keyIn).map(statusOf))).toSorted()).toEqual([200, 401]);
});
