import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type FilesSource, openFiles } from "../../adapters/files/index.ts";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Reply } from "../../src/chat/platform.ts";
import { createLog } from "../../src/log.ts";
import { until } from "../support/eventually.ts";
import type { RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 12);

let folder: string;
let opened: TestApp;
let logs: FilesSource;
let app: TestApp["app"];
let chat: RecordingPlatform;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loghunter-threads-"));
  const lines = (service: string, text: string, fromSecondsAgo: number) =>
    writeFile(
      join(folder, `${service}.log`),
      Array.from({ length: 700 }, (_, i) => {
        const ago = 3_500 - i * 5;
        const what = ago < fromSecondsAgo ? `ERROR ${text}` : "INFO fine";
        return `${new Date(NOW_MS - ago * 1_000).toISOString()} ${what}\n`;
      }).join(""),
    );
  await lines("checkout", "no space left on device", 600);
  await lines("mailer", "mailbox unavailable", 900);
  logs = await openFiles({
    paths: [{ pattern: folder }],
    org: "acme",
    now: () => NOW_MS,
    log: createLog("silent"),
  });
  opened = await openTestApp({ logs, now: () => NOW_MS });
  ({ app, chat } = opened);
});

afterAll(async () => {
  await opened.close();
  await logs.close();
  await rm(folder, { recursive: true, force: true });
});

const done = (card: Card) => card.tone !== "working";
function cardOf(reply: Reply): Card {
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return reply.card;
}

test("a root cause begun by a button is discussed in the thread it stands in", async () => {
  const { reply, messageId: list } = await chat.type("errors checkout");
  const rootCause = cardOf(reply).actions?.[0]?.action ?? { name: "", subject: "" };

  const answerId = await chat.pressInThread(list, rootCause);
  await chat.until(answerId, done);

  expect(plainText(cardOf(await chat.answer(list, "what about checkout?")))).toContain(
    "no space left on device",
  );
});

test("a second look in a thread is what the thread is about from then on", async () => {
  const { messageId } = await chat.type("analyze mailer since:15m");
  const first = await chat.until(messageId, done);
  const again = first.actions?.find((button) => button.label === "Look again")?.action ?? {
    name: "",
    subject: "",
  };
  const secondId = await chat.pressInThread(messageId, again);
  await chat.until(secondId, done);

  expect(plainText(cardOf(await chat.answer(messageId, "show [1]")))).toContain("mailbox unavailable");
  const rows = await app.directory.findWorkspace("recording", "T1");
  const shown = await rows?.scope.query<{ thread_id: string | null }>(
    "select thread_id from conversations where tenant_id = $1 and message_id = $2",
    [rows.scope.tenantId, secondId],
  );
  expect(shown).toEqual([{ thread_id: messageId }]);
});

test("what is not understood is left alone where it asks for nothing, and told to who asked where it does", async () => {
  const { messageId } = await chat.type("analyze checkout");
  await chat.until(messageId, done);
  const said = (text: string, how: object = {}) =>
    app.core.handle({
      ...{ kind: "reply", id: randomUUID(), text, toBot: true, ...how },
      place: { platform: "recording", workspace: "T1", channel: "general", thread: messageId },
      person: { id: "u1", name: "Ann", platformAdmin: false },
    });

  for (const talk of ["thanks everyone", "lunch at twelve, everyone", "back at my desk"])
    expect(await said(talk)).toEqual({ kind: "silence" });
  const asked = await said("thanks everyone, lunch?");
  expect(asked).toMatchObject({ visibility: "caller" });
  expect(plainText(cardOf(asked))).toContain("I did not understand that.");
  // Who names it, or writes where nobody else reads, means it.
  for (const how of [{ addresses: "bot" }, { alone: true }]) {
    const answered = await said("back at my desk", how);
    expect(answered).toMatchObject({ visibility: "channel" });
    expect(plainText(cardOf(answered))).toContain("I did not understand that.");
  }
  expect(await said("what happened first")).toMatchObject({ visibility: "channel" });
});

const act = (id: string) => ({
  kind: "command" as const,
  id,
  place: { platform: "recording", workspace: "T1", channel: "general" },
  person: { id: "u1", name: "Ann", platformAdmin: false },
  call: { text: "analyze checkout" },
});

test("an act that is delivered again after its card was shown shows no second one", async () => {
  const reply = await app.core.handle(act("once"));
  chat.cards.set("shown-1", cardOf(reply));
  if (reply.kind === "message") await reply.shown?.({ place: act("once").place, id: "shown-1" });
  await chat.until("shown-1", done);

  expect(await app.core.handle(act("once"))).toEqual({ kind: "silence" });
});

test("an answer that is there before its card is shown waits for that, whatever time it is by the process's clock", async () => {
  const reply = await app.core.handle(act("early"));
  if (reply.kind !== "message") throw new Error("no card");
  const scope = (await app.directory.findWorkspace("recording", "T1"))?.scope;
  await until(async () => {
    const rows = await scope?.query<{ last_error: string | null }>(
      "select last_error from deliveries where tenant_id = $1 and state = 'pending'",
      [scope.tenantId],
    );
    return rows?.[0]?.last_error === "its message is not shown yet";
  });
  chat.cards.set("shown-early", reply.card);
  await reply.shown?.({ place: act("early").place, id: "shown-early" });

  expect((await chat.until("shown-early", done)).title).toMatch(/^checkout: .*cause found$/);
});

test("a card that is shown after the answer stands elsewhere says so, and does not work for ever", async () => {
  const reply = await app.core.handle(act("late"));
  if (reply.kind !== "message") throw new Error("no card");
  await reply.shown?.({ place: act("late").place, id: "first" });
  chat.cards.set("second", reply.card);
  await reply.shown?.({ place: act("late").place, id: "second" });

  expect(chat.cards.get("second")?.title).toBe("checkout: answered");
});
