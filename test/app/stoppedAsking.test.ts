import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, test } from "@jest/globals";
import { createLog } from "../../src/log.ts";
import { guardModel } from "../../src/models/guard.ts";
import { NO_MODELS } from "../../src/models/tenantModel.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { createScriptedModel, type Turn } from "../support/models/scriptedModel.ts";
import { createRecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.now();
const logs = createLinesSource(
  Array.from({ length: 200 }, (_, n) => lineAt(NOW_MS - n * 2_000, "connection refused to orders-db")),
);
const chat = createRecordingPlatform("T1");
const apps: TestApp[] = [];
afterAll(async () => {
  for (const app of apps.reverse()) await app.close();
});

/** One more process on the database of the first. */
async function start(turn: Turn) {
  const scripted = createScriptedModel("locally");
  scripted.script = [turn];
  const [first] = apps;
  const app = await openTestApp({
    ...{ logs, chat, models: { ...NO_MODELS, all: [guardModel(scripted, { log: createLog("silent") })] } },
    ...(first !== undefined && { databaseUrl: first.databaseUrl }),
  });
  apps.push(app);
  return { app: app.app, scripted };
}

test("a question whose process is stopped again and again while a model is asked is answered by the next one", async () => {
  let messageId = "";
  for (let stops = 0; stops < 3; stops++) {
    const { app, scripted } = await start("hang");
    if (stops === 0) ({ messageId } = await chat.type("analyze checkout", { platformAdmin: true }));
    while (scripted.asked === 0) await pause(50);
    await app.stop();
  }
  await start({ outcome: "refused", why: "it knows no such model" });
  const answer = await chat.until(messageId, ({ tone }) => tone !== "working");
  expect(answer.badge).not.toBe("FAILED");
  expect(answer.title).toMatch(/^checkout: .*cause/);
});
