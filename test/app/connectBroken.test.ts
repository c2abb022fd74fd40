import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { plainText } from "../../src/chat/plainText.ts";
import type { Person } from "../../src/chat/platform.ts";
import { createLinesSource } from "../support/linesSource.ts";
import { createRecordingPlatform, type RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const ADMIN = { id: "boss", platformAdmin: true };
const OPERATOR = { ...ADMIN, operator: true } as const;
const web = createRecordingPlatform("console", "web");
let t: TestApp;
let owner: pg.Client;
beforeAll(async () => {
  const slack = createRecordingPlatform("T1", "slack");
  t = await openTestApp({
    logs: createLinesSource([]),
    chat: slack,
    platforms: () => [slack, web],
    allowedOrgs: ["acme", "other"],
  });
  owner = new pg.Client({ connectionString: t.databaseUrl });
  await owner.connect();
  await owner.query(
    "create function breaks() returns trigger language plpgsql as $$ begin raise 'it breaks here'; end $$",
  );
  await say(web, "connect acme", OPERATOR);
  await say(t.chat, "channel alerts");
  await say(t.chat, "members role ann admin");
});
afterAll(async () => {
  await owner.end();
  await t.close();
});

async function say(on: RecordingPlatform, text: string, by: Partial<Person> = ADMIN): Promise<string> {
  const { reply } = await on.type(text, by);
  return reply.kind === "message" ? plainText(reply.card) : reply.kind;
}

/** What is done while a step of it fails. */
async function whileBroken(step: string, work: () => Promise<void>): Promise<void> {
  await owner.query(`create trigger breaks ${step} for each row execute function breaks()`);
  await work();
  await owner.query(`drop trigger breaks on ${step.split(" on ")[1]}`);
}

test("a workspace whose move breaks off stays where it was, with its channels, and the code is good", async () => {
  const code = /code:(\S+)/.exec(await say(web, "tenant invite org:other", OPERATOR))?.[1];
  for (const step of [
    "before insert on members",
    "before update on workspaces",
    "before update on invitations",
  ])
    await whileBroken(step, async () => {
      expect(await say(t.chat, `connect other code:${code}`)).toContain("Something went wrong");
      expect(await say(t.chat, "tenant")).toContain("Organisation acme");
      expect(await say(t.chat, "status")).not.toContain("Alert channels: none");
    });

  expect(await say(t.chat, `connect other code:${code}`)).toContain("Connected to other");

  expect(await say(t.chat, "status")).toContain("Alert channels: none");
  expect(await say(t.chat, "channel alerts", { id: "ann" })).not.toContain("is for admins");
});

test("a workspace that moves leaves none of its questions behind, however many its alerts have asked", async () => {
  const fresh = createRecordingPlatform("T3", "slack");
  await fresh.start(t.app.core);
  await say(fresh, "connect acme", OPERATOR);
  await owner.query(`\
insert into conversations (
  tenant_id, workspace_id, channel, asked_by, once_id, service, namespace, window_start, window_end, state
)
select tenant_id, id, 'general', 'u1', 'alert ' || n, 'checkout', '', now() - interval '1 hour', now(), 'queued'
from workspaces, generate_series(1, 450) n where external_id = 'T3'`);
  await say(fresh, "connect other", OPERATOR);

  const { rows } = await owner.query(
    "select count(*)::int as left from conversations where state = 'queued'",
  );
  expect(rows).toEqual([{ left: 0 }]);
}, 30_000);

test("a workspace that is let in for the first time, which breaks off, comes in with the same code", async () => {
  const code = /code:(\S+)/.exec(await say(web, "tenant invite", OPERATOR))?.[1];
  const fresh = createRecordingPlatform("T2", "slack");
  await fresh.start(t.app.core);
  await whileBroken("before insert on workspaces", async () => {
    expect(await say(fresh, `connect acme code:${code}`)).toContain("Something went wrong");
  });

  expect(await say(fresh, `connect acme code:${code}`)).toContain("Connected to acme");
});
