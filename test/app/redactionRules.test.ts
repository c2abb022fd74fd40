import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { createConsoleHistory } from "../../src/console/history.ts";
import { openWebHarness } from "../adapters/web/harness.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { createRecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const ago = (minutes: number) => NOW_MS - minutes * 60_000;
const ADMIN = { id: "boss", name: "Ann", platformAdmin: true };
/** Put together here, so that no scanner takes this file for a leak. They were never real. */
const [TOKEN, OTHER] = ["q7RtFAKE9xLm2vKz", "w3ErFAKE8yNb5cJh"].map((end) =>
  ["ghp_", end, "a1B2c3D4e5F6g7H8i9J0"].join(""),
);

/** Customers' numbers, an address of the shop's own, and one token that two services wrote. */
const lines = Array.from({ length: 120 }, (_, n) => {
  const atMs = ago(60) + n * 25_000;
  return [
    lineAt(atMs, `order refused for CUST-${10_000_000 + n} at desk-acme, mailed noreply@shop.example`),
    lineAt(atMs + 1, `upstream said no to token ${TOKEN}`, { service: "payments" }),
    lineAt(atMs + 2, `login failed with token ${TOKEN}`),
    lineAt(atMs + 3, `second login failed, token ${OTHER}`),
  ];
}).flat();

const chat = createRecordingPlatform("T1");
const other = createRecordingPlatform("T2", "elsewhere");
let opened: TestApp;

beforeAll(async () => {
  opened = await openTestApp({
    logs: createLinesSource(lines),
    chat,
    platforms: () => [chat, other],
    allowedOrgs: ["acme", "other"],
    now: () => NOW_MS,
  });
  await other.type("connect other", { platformAdmin: true, operator: true });
});
afterAll(() => opened.close());

async function say(text: string, by: object = ADMIN, on = chat): Promise<Card> {
  const { reply } = await on.type(text, by);
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return reply.card;
}
const textOf = async (...said: Parameters<typeof say>) => plainText(await say(...said));

async function analyze(on = chat): Promise<{ messageId: string; text: string; card: Card }> {
  const { messageId } = await on.type("analyze checkout", ADMIN);
  const card = await on.until(messageId, ({ tone }) => tone !== "working");
  return { messageId, card, text: plainText(card) };
}

/** What is kept of a tenant, as text: by organisation, since that is what tells the two apart. */
async function rowsOf(table: string, org = "acme"): Promise<string[]> {
  const client = new pg.Client({ connectionString: opened.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ row: string }>(
      `select r::text as row from ${table} r join tenants t on t.id = r.tenant_id where t.loki_org_id = $1`,
      [org],
    );
    return rows.map(({ row }) => row);
  } finally {
    await client.end();
  }
}
const KEPT = [
  "deliveries",
  "error_clusters",
  "conversations",
  "analysis_results",
  "conversation_messages",
  "mutes",
];
const leaks = async () =>
  (await Promise.all(KEPT.map((table) => rowsOf(table)))).flat().filter((row) => /CUST-\d/.test(row));

describe("numbers of secrets", () => {
  test("are the same for the same token of two services in one analysis, and stay in its thread", async () => {
    const { messageId, text } = await analyze();
    const numberIn = (said: string) => new RegExp(`${said} <redacted:github-token#(\\d)>`).exec(text)?.[1];
    expect(numberIn("upstream said no to token")).toMatch(/^[1-4]$/);
    expect(numberIn("upstream said no to token")).toBe(numberIn("login failed with token"));
    expect(numberIn("second login failed, token")).not.toBe(numberIn("login failed with token"));

    const reply = await chat.answer(messageId, "what about payments?", ADMIN);
    expect(reply.kind === "message" && plainText(reply.card)).toContain(
      `<redacted:github-token#${numberIn("upstream said no to token")}>`,
    );
    expect((await rowsOf("conversations")).join()).toContain("<redacted:github-token#");
  });

  test("begin from 1 in what errors, search and an explanation answer", async () => {
    expect(await textOf("errors checkout")).toMatch(/<redacted:[\w-]+#1>[\s\S]*<redacted:[\w-]+#2>/);
    const found = await textOf('search "login failed" service:checkout');
    expect(new Set(found.match(/<redacted:[\w-]+#\d+>/g)).size).toBe(2);
    expect(found).toContain("<redacted:github-token#1>");
  });

  test("are in no row of a cluster, whichever analysis wrote it", async () => {
    const clusters = await rowsOf("error_clusters");
    expect(clusters.join("\n")).toContain("login failed with token <redacted:github-token>");
    expect(clusters.filter((row) => /<redacted:[\w-]+#/.test(row))).toEqual([]);
  });

  test("of another analysis that stand in what is explained are not taken for its own", async () => {
    const reply = await opened.app.core.handle({
      kind: "explain",
      id: "explain-1",
      place: { platform: "recording", workspace: "T1", channel: "general" },
      person: { ...ADMIN },
      text: `ERROR refused <redacted:jwt#1> then ${TOKEN}`,
      message: { place: { platform: "recording", workspace: "T1", channel: "general" }, id: "m1" },
    });
    expect(reply.kind === "message" && plainText(reply.card)).toContain(
      "ERROR refused <redacted:jwt> then <redacted:github-token#1>",
    );
  });
});

describe("redaction hide", () => {
  test("says what it does on a made-up line, to the caller alone", async () => {
    const before = await analyze();
    expect(before.text).toMatch(/CUST-1\d{7}/);
    expect(await leaks()).not.toEqual([]);

    const { reply } = await chat.type("redaction hide CUST-########", ADMIN);
    if (reply.kind !== "message") throw new Error("no answer");
    expect(reply.visibility).toBe("caller");
    const text = plainText(reply.card);
    expect(reply.card.title).toBe("Hidden from now on");
    expect(text).toContain("request of CUST-12345678 refused");
    expect(text).toContain("request of <redacted:custom> refused");
    expect(text).toMatch(/It was taken out of what was kept before, in \d+ places\./);
  });

  test("takes it out of what is kept, and of the thread that goes on from it", async () => {
    expect(await leaks()).toEqual([]);
    const { messageId } = await analyze();
    const reply = await chat.answer(messageId, "what about checkout? CUST-10000007", ADMIN);
    expect(reply.kind === "message" && plainText(reply.card)).not.toMatch(/CUST-\d/);
    expect(reply).toMatchObject({ asked: "what about checkout? <redacted:custom>" });
    expect(await leaks()).toEqual([]);
  });

  test.each(["errors checkout", 'search "order refused" service:checkout'])(
    "makes it vanish from %s",
    async (typed) => {
      const text = await textOf(typed);
      expect(text).not.toMatch(/CUST-\d/);
      expect(text).toMatch(/for <redacted:custom#\d+>/);
    },
  );

  test("makes it vanish from an analysis, its lines and its rows", async () => {
    const { messageId, card, text } = await analyze();
    expect(text).not.toMatch(/CUST-\d/);
    expect(text).toMatch(/order refused for <redacted:custom#\d>/);
    const lines = card.actions?.find(({ label }) => label === "Show lines");
    const shown = chat.cards.get(await chat.pressInThread(messageId, lines?.action as never)) as Card;
    expect(plainText(shown)).toContain("order refused for <redacted:custom> at");
    expect(await leaks()).toEqual([]);
  });

  test("holds for templates too, and changes no fingerprint", async () => {
    await say("errors checkout", ADMIN, other);
    const fingerprints = async (org: string) =>
      (await rowsOf("error_clusters", org)).flatMap((row) => row.match(/v1:[0-9a-f]{16}/g) ?? []).sort();
    await say("redaction hide desk-acme");
    await say("errors checkout");
    const [ours, theirs] = [await fingerprints("acme"), await fingerprints("other")];
    expect(ours).toEqual(expect.arrayContaining(theirs));
    expect(theirs.length).toBeGreaterThan(2);
    expect((await rowsOf("error_clusters")).join("\n")).not.toContain("desk-acme");
  });

  test("is nothing to another tenant", async () => {
    expect(await textOf("errors checkout", ADMIN, other)).toMatch(/CUST-1\d{7} at desk-acme/);
    expect((await rowsOf("error_clusters", "other")).join("\n")).toContain("desk-acme");
    expect((await say("redaction list", ADMIN, other)).title).toBe("No redaction patterns");
  });

  test("holds for what people type and what is kept of it", async () => {
    await say("mute checkout 1h because of CUST-10000001");
    expect((await rowsOf("mutes")).join("\n")).toContain("because of <redacted:custom>");
    await say("deploy checkout 2.0-CUST-10000001");
    expect((await rowsOf("deploy_markers")).join("\n")).toContain("2.0-<redacted:custom>");
    expect(await textOf("filters save mine CUST-10000001")).toContain("That filter holds what looks like");
    expect(await textOf("mute CUST-10000001 1h")).toContain("That looks like a password");
  });

  test("holds for the console's own messages, and what was typed is still what is done", async () => {
    const { core, directory } = opened.app;
    await directory.connect({
      platform: "web",
      externalId: "here",
      workspaceName: "here",
      lokiOrgId: "acme",
    });
    const web = await openWebHarness(core, { history: createConsoleHistory(directory, "web", "here") });
    try {
      await web.command("search CUST-10000003");
      const said = (await web.standing()).map(({ text }) => text).join("\n");
      expect(said).toContain("/loghunter search <redacted:custom>");
      expect(said).toContain("1 line in all services");
      expect((await rowsOf("console_messages")).join("\n")).not.toMatch(/CUST-\d/);

      await web.command("redaction list");
      expect((await web.standing()).map(({ text }) => text).join("\n")).toContain("CUST-########");
    } finally {
      await web.close();
    }
  });
});

describe("redaction show", () => {
  test("leaves an address readable, in answers and in samples", async () => {
    expect(await textOf("errors checkout")).not.toContain("noreply@shop.example");
    const text = await textOf("redaction show noreply@shop.example");
    expect(text).toContain("request of <redacted:email> refused");
    expect(text).toContain("request of noreply@shop.example refused");

    expect(await textOf("errors checkout")).toContain("mailed noreply@shop.example");
    expect((await rowsOf("error_clusters")).join("\n")).toContain("mailed noreply@shop.example");
    expect((await analyze()).text).toContain("mailed noreply@shop.example");
    expect(await textOf("search mailed service:checkout")).toContain("mailed noreply@shop.example");
    expect(await textOf("errors checkout", ADMIN, other)).not.toContain("noreply@shop.example");
  });
});

test("an analysis that fails before it reads takes no place from those that come after it", async () => {
  const admin = new pg.Client({ connectionString: opened.databaseUrl });
  await admin.connect();
  try {
    // As an older version kept it, which read more of them.
    await admin.query(
      `insert into redaction_patterns (tenant_id, pattern, effect, created_by)
       select id, '(', 'hide', 'boss' from tenants where loki_org_id = 'other'`,
    );
    expect((await analyze(other)).text).toContain("Its log says more under reference");
    await admin.query("delete from redaction_patterns where pattern = '('");
  } finally {
    await admin.end();
  }
  expect((await analyze(other)).text).not.toContain("Its log says more");
});
