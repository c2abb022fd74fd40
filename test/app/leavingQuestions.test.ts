import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { plainText } from "../../src/chat/plainText.ts";
import { createLog } from "../../src/log.ts";
import { guardModel } from "../../src/models/guard.ts";
import { NO_MODELS } from "../../src/models/tenantModel.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { createScriptedModel } from "../support/models/scriptedModel.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.now();
const logs = createLinesSource(
  Array.from({ length: 200 }, (_, n) => lineAt(NOW_MS - n * 2_000, "connection refused to orders-db")),
);
const scripted = createScriptedModel("locally");
let t: TestApp;
beforeAll(async () => {
  scripted.script = [{ outcome: "refused", why: "it knows no such model" }, "hang"];
  const models = { ...NO_MODELS, all: [guardModel(scripted, { log: createLog("silent") })] };
  t = await openTestApp({ logs, models, allowedOrgs: ["acme", "other"] });
});
afterAll(() => t.close());

test("a question that waits for a model when its workspace moves to another organisation ends, and says so", async () => {
  const { messageId } = await t.chat.type("analyze checkout");
  await t.chat.until(messageId, ({ tone }) => tone !== "working");
  const reply = await t.chat.answer(messageId, "why did it begin?");
  if (reply.kind !== "message") throw new Error(reply.kind);
  const place = { platform: "recording", workspace: "T1", channel: "general", thread: messageId };
  t.chat.cards.set("thinking", reply.card);
  await reply.shown?.({ place, id: "thinking" });
  while (scripted.underWay === 0) await new Promise((resolve) => setTimeout(resolve, 20));

  await t.chat.type("connect other", { platformAdmin: true, operator: true });

  const ended = await t.chat.until("thinking", ({ badge }) => badge === "FAILED");
  expect(plainText(ended)).toContain("connected to another organisation");
});
