import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { createRecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const ADMIN = { id: "boss", name: "Ann", platformAdmin: true };
/** Put together here, so that no scanner takes this file for a leak. It was never real. */
const TOKEN = ["ghp_", "q7RtFAKE9xLm2vKz", "a1B2c3D4e5F6g7H8i9J0"].join("");

const chat = createRecordingPlatform("T1");
let opened: TestApp;

beforeAll(async () => {
  const logs = createLinesSource([lineAt(NOW_MS - 60_000, "order refused for CUST-10000001")]);
  opened = await openTestApp({ logs, chat, now: () => NOW_MS });
});
afterAll(() => opened.close());

async function say(text: string, by: object = ADMIN): Promise<Card> {
  const { reply } = await chat.type(text, by);
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return reply.card;
}
const textOf = async (...said: Parameters<typeof say>) => plainText(await say(...said));

/** Live ones and removed ones. */
async function rows(): Promise<
  { pattern: string; effect: string; created_by: string; deleted_by: string | null }[]
> {
  const client = new pg.Client({ connectionString: opened.databaseUrl });
  await client.connect();
  try {
    return (
      await client.query(
        "select pattern, effect, created_by, deleted_by from redaction_patterns order by created_at",
      )
    ).rows;
  } finally {
    await client.end();
  }
}

describe("a pattern", () => {
  test.each([
    ["ab", "needs 3 characters beside * and #"],
    ["a b c", "has no blanks"],
    ["bob@shop.example", "That is hidden already"],
    [TOKEN, "That is hidden already"],
  ])("%s is refused with a sentence", async (pattern, why) => {
    expect(await textOf(`redaction hide ${pattern}`)).toContain(why);
  });

  test("takes the place of the same one with the other effect, which stays on record", async () => {
    await say("redaction hide order-*", { ...ADMIN, name: "Ben" });
    await say("redaction hide ORDER-*");
    await say("redaction show ORDER-*");
    const text = await textOf("redaction list");
    expect(text).toContain("ORDER-*");
    expect(text).not.toContain("order-*");
    expect(await rows()).toEqual([
      { pattern: "order-*", effect: "hide", created_by: "Ben", deleted_by: "Ann" },
      { pattern: "ORDER-*", effect: "show", created_by: "Ann", deleted_by: null },
    ]);
  });

  test("opens a form where none is given, from the command and from the list's buttons", async () => {
    const { core } = opened.app;
    const place = { platform: "recording", workspace: "T1", channel: "general" };
    const act = { id: "act-1", place, person: ADMIN };
    expect(core.opensForm({ kind: "command", call: { text: "redaction hide" } })).toBe(true);
    const message = { place, id: "m1" };
    const action = { name: "redaction.show", subject: "" };
    expect(await core.form({ ...act, kind: "press", action, message })).toMatchObject({
      form: { command: "redaction show", title: "Show a pattern" },
    });
  });
});

describe("the patterns of a tenant", () => {
  test("are listed with who set them and when", async () => {
    expect((await say("redaction hide CUST-########")).title).toBe("Hidden from now on");
    const card = await say("redaction list");
    expect(card.title).toBe("Redaction patterns: 1 hidden, 1 shown");
    expect(plainText(card)).toMatch(/Hidden\s+Set by Ann, [\s\S]*CUST-########/);
    expect(card.actions?.map(({ label }) => label)).toEqual(["Hide a pattern", "Show a pattern"]);
  });

  test("can be removed by command and by button, each once", async () => {
    expect(await textOf("redaction remove cust-#######")).toContain("Did you mean CUST-########?");
    expect((await say("redaction remove cust-########")).title).toBe("Pattern removed");
    expect(await textOf("errors checkout")).toMatch(/CUST-1\d{7}/);

    const { messageId, reply } = await chat.type("redaction hide CUST-########", ADMIN);
    const remove = reply.kind === "message" ? reply.card.actions?.[0]?.action : undefined;
    const press = async (by: object) => {
      const answer = await chat.press(messageId, remove as never, by);
      return answer.kind === "message" ? plainText(answer.card) : "";
    };
    expect(await press({ id: "u1" })).toContain("This button is for admins");
    expect(await press(ADMIN)).toContain("Pattern removed");
    expect(await press(ADMIN)).toContain("That pattern is not there any more.");
  });

  test("are at most 50 of a kind", async () => {
    for (let n = 0; n < 60; n++) await say(`redaction hide kind-${String(n).padStart(2, "0")}-*`);
    expect((await say("redaction list")).title).toBe("Redaction patterns: 50 hidden, 1 shown");
    expect(await textOf("redaction hide one-more-*")).toContain("There are 50 patterns already that hide.");
    expect((await say("redaction hide KIND-00-*")).title).toBe("Hidden from now on");
    expect((await say("redaction show kind-99-*")).title).toBe("Readable from now on");
  });

  test.each([
    "redaction hide secret-*",
    "redaction show secret-*",
    "redaction list",
    "redaction remove kind-01-*",
  ])("%s is for admins", async (typed) => {
    await say("members role viewer-1 viewer");
    for (const id of ["u1", "viewer-1"]) {
      expect(await textOf(typed, { id, platformAdmin: false })).toContain("is for admins");
    }
    expect((await rows()).map(({ pattern }) => pattern)).not.toContain("secret-*");
  });
});
