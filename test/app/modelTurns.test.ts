import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Reply } from "../../src/chat/platform.ts";
import { createLog } from "../../src/log.ts";
import { guardModel } from "../../src/models/guard.ts";
import { NO_MODELS } from "../../src/models/tenantModel.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { createScriptedModel } from "../support/models/scriptedModel.ts";
import type { RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 29, 3);
const MINUTE = 60_000;

const every = (
  service: string,
  level: "INFO" | "ERROR" | "FATAL",
  text: string,
  fromMs: number,
  stepMs: number,
) =>
  Array.from({ length: Math.floor((NOW_MS - fromMs) / stepMs) }, (_, i) =>
    lineAt(fromMs + i * stepMs, text, { service, level }),
  );
const LINES = [
  ...every("checkout", "INFO", "order placed", NOW_MS - 100 * MINUTE, 5_000),
  ...every("orders-db", "FATAL", "sorry, too many clients already", NOW_MS - 8 * MINUTE, 4_000),
  ...every("checkout", "ERROR", "orders-db refused the connection", NOW_MS - 8 * MINUTE + 4_000, 3_000),
];

/** A model of which one request at a time is answered, and none before it is released. */
const scripted = createScriptedModel("locally");
scripted.script = ["hang"];
const model = guardModel(scripted, { log: createLog("silent") });

let t: TestApp;
let chat: RecordingPlatform;
beforeAll(async () => {
  const models = { ...NO_MODELS, all: [model] };
  t = await openTestApp({ logs: createLinesSource(LINES), models, now: () => NOW_MS });
  ({ chat } = t);
});
afterAll(() => t.close());

const cardOf = (reply: Reply): Card => {
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return reply.card;
};
const says = (text: string) => (card: Card) => plainText(card).includes(text);
const typed = async (text: string) => plainText(cardOf((await chat.type(text)).reply));
const analyze = async (since: string) => (await chat.type(`analyze checkout since:${since}`)).messageId;

let first: string;
let second: string;
let third: string;

test("while one request hangs, its card says since when, and the others how many are before them", async () => {
  first = await analyze("20m");
  const asked = await chat.until(first, says("Asking openai gpt-test, since "));
  expect(plainText(asked)).toMatch(/Asking openai gpt-test, since \d\d:\d\d:\d\d UTC, for 5 min at most/);
  second = await analyze("40m");
  await chat.until(second, says("Waiting for openai gpt-test: 1 request before this one"));
  third = await analyze("60m");
  await chat.until(third, says("Waiting for openai gpt-test: 2 requests before this one"));
  expect(plainText(chat.cards.get(second) as Card)).toContain("every slot is in use");
});

test("model show and status say how many are under way, since when, and how many wait", async () => {
  const load = /1 request under way since \d\d:\d\d:\d\d UTC, and 2 wait for their turn/;
  expect(await typed("model show")).toMatch(load);
  expect(await typed("status")).toMatch(load);
});

test("the answer that stands on the card meanwhile has its buttons, which do what they say", async () => {
  const card = chat.cards.get(third) as Card;
  expect(card.actions?.map(({ label }) => label)).toEqual(["Show lines"]);
  const lines = cardOf(await chat.press(third, card.actions?.[0]?.action as never));
  expect(lines.title).toBe("orders-db: warnings and errors");
});

test("a question in its thread is answered from that answer at once, and says so", async () => {
  const card = cardOf(await chat.answer(third, "when did it start?"));
  expect(card.tone).not.toBe("working");
  expect(plainText(card)).toContain("orders-db began to log");
  expect(plainText(card)).toContain("the model is still being asked for the cause");
  expect(scripted.asked).toBe(1);
});

test("what joins one that is asked already is answered in the same way", async () => {
  const joined = await analyze("60m");
  expect(plainText(cardOf(await chat.answer(joined, "when did it start?")))).toContain(
    "orders-db began to log",
  );
});

test("when the first is done the others move up, and each is answered in its turn", async () => {
  scripted.release({ outcome: "unusable", why: "it was empty" });
  // Asked once more for what is of no use: behind those that wait by now.
  await chat.until(second, says("Asking openai gpt-test, since "));
  await chat.until(third, says("Waiting for openai gpt-test: 1 request before this one"));
  scripted.script = [{ outcome: "refused", why: "the key is wrong" }];
  scripted.release({ outcome: "refused", why: "the key is wrong" });
  for (const id of [first, second, third]) {
    const card = await chat.until(id, ({ tone }) => tone !== "working");
    expect(plainText(card)).toContain("Built-in analyzer instead of openai gpt-test");
    expect(card.actions?.map(({ label }) => label)).toContain("Look again");
  }
  expect(await typed("status")).not.toContain("under way");
});
