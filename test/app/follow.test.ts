import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openFiles } from "../../adapters/files/index.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Delivery } from "../../src/chat/platform.ts";
import { createLog } from "../../src/log.ts";
import type { LogLine, LogSource } from "../../src/logs/source.ts";
import { until } from "../support/eventually.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { createRecordingPlatform, type RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const lines: LogLine[] = [];
let failure: Error | undefined;
/** Looks that came to nothing. */
let failed = 0;
const logs: LogSource = {
  ...createLinesSource([]),
  async *lines(org, query) {
    if (failure !== undefined) {
      failed += 1;
      throw failure;
    }
    yield* createLinesSource(lines).lines(org, query);
  },
  services: async () => [{ service: "checkout", namespace: "" }],
};
let opened: TestApp;
let chat: TestApp["chat"];
/** How far the clock has been put on. */
let aheadMs = 0;
const now = () => Date.now() + aheadMs;
/** So much time passes at once: what ends then ends after what a test has done, however long that took. */
const pass = (minutes: number) => {
  aheadMs += minutes * 60_000;
};

beforeAll(async () => {
  opened = await openTestApp({ logs, followEveryMs: 30, now });
  chat = opened.chat;
});
afterAll(() => opened.close());

const PLACE = { platform: "recording", workspace: "T1", channel: "general" };
const write = (text: string) => lines.push(lineAt(now(), text));

describe("a search that is followed", () => {
  test("shows new lines on its message as they come, redacted, and says when it has ended", async () => {
    write("old timeout");
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { messageId, reply } = await chat.type("search timeout service:checkout follow:10m");
    expect(reply.kind === "message" && plainText(reply.card)).toContain("Following new lines in checkout");

    write("a timeout password=hunter2pw");
    write("something else");
    const first = await chat.until(messageId, (card) => plainText(card).includes("a timeout"));
    expect(plainText(first)).not.toMatch(/hunter2pw|something else|old timeout/);
    write("a second timeout");
    await chat.until(messageId, (card) => plainText(card).includes("a second timeout"));

    pass(10);
    const ended = await chat.until(messageId, (card) => card.badge === "ENDED");
    expect(ended.title).toBe("2 new lines in checkout");
    write("a timeout too late");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(plainText(chat.cards.get(messageId) ?? ended)).not.toContain("too late");
  });

  test("counts all that came, and says that the newest are shown", async () => {
    const { messageId } = await chat.type("search many service:checkout follow:10m");
    for (let at = 0; at < 250; at++) write(`one of many, ${at}`);
    pass(10);
    const ended = await chat.until(messageId, (card) => card.badge === "ENDED");
    expect(ended.title).toBe("250 new lines in checkout");
    expect(plainText(ended)).toContain("the newest 200 of them");
  });

  test("has a last look when its time is over", async () => {
    const nowMs = now();
    const there = await openTestApp({ logs, followEveryMs: 60_000, now: () => nowMs });
    try {
      // The first look is of the time until now.
      lines.push(lineAt(nowMs + 500, "a late one"));
      const { messageId } = await there.chat.type("search late service:checkout follow:1s");
      const ended = await there.chat.until(messageId, (card) => card.badge === "ENDED");
      expect(ended.title).toBe("1 new line in checkout");
    } finally {
      await there.close();
    }
  });

  test("goes on where the log source does not answer for a moment, and says so where it did not at last", async () => {
    const { messageId } = await chat.type("search again service:checkout follow:10m");
    failed = 0;
    failure = new Error("no answer");
    write("here again");
    await until(() => failed > 0, "a look that comes to nothing");
    expect(chat.cards.get(messageId)?.badge).toBe("FOLLOWING");
    failure = undefined;
    await chat.until(messageId, (card) => plainText(card).includes("here again"));
    failure = new Error("no answer");
    pass(10);
    const ended = await chat.until(messageId, (card) => card.badge === "ENDED");
    failure = undefined;
    expect(plainText(ended)).toContain("The log source did not answer at last");
  });

  test("ends when its time is over, also where memory was cleared up meanwhile", async () => {
    const { messageId } = await chat.type("search never follow:1s");
    const ended = await clearingUp(() => chat.until(messageId, (card) => card.badge === "ENDED"));
    expect(ended.title).toBe("0 new lines in all services");
  });

  test.each([
    ["search x1 follow:1h", "Lines are followed for 15m at most."],
    ["search x1 follow:5m since:1h", "follow shows what comes from now on"],
    ["search x1 follow:soon", "is not a duration"],
  ])("%s is refused in a sentence", async (typed, expected) => {
    const { reply } = await chat.type(typed);

    expect(reply.kind === "message" && plainText(reply.card)).toContain(expected);
  });

  test("is one of three at most also while its message is on its way", async () => {
    const asked = [];
    for (let i = 0; i < 4; i++) {
      const person = { id: "u1", name: "Ann", platformAdmin: false };
      const call = { text: "search never follow:10m" };
      asked.push(
        await opened.app.core.handle({ kind: "command", id: `on its way ${i}`, place: PLACE, person, call }),
      );
    }
    const titles = asked.map((reply) => reply.kind === "message" && reply.card.title);
    expect(titles.map((title) => /^Following/.test(`${title}`))).toEqual([true, true, true, false]);

    const shown = asked.slice(0, 3).map((reply, i) => ({ reply, id: `shown ${i}` }));
    for (const { reply, id } of shown) {
      if (reply.kind !== "message") throw new Error(`a ${reply.kind} is shown nowhere`);
      chat.cards.set(id, reply.card);
      await reply.shown?.({ place: PLACE, id });
    }
    pass(10);
    for (const { id } of shown) await chat.until(id, (card) => card.badge === "ENDED");
  });

  test("is one of three at most, and all end when the process does", async () => {
    const followed = [];
    for (let i = 0; i < 3; i++) followed.push((await chat.type("search never follow:10m")).messageId);
    const { reply } = await chat.type("search never follow:10m");
    expect(reply.kind === "message" && plainText(reply.card)).toContain(
      "3 searches are being followed already",
    );

    await opened.app.stop();
    for (const id of followed) expect(chat.cards.get(id)?.badge).toBe("ENDED");
  });
});

test("a followed search says that it has ended also where the platform asked to wait just then", async () => {
  const platform = createRecordingPlatform("T1");
  const outcomes: Delivery[] = [
    { outcome: "later", afterMs: 50, why: "Slack asks to wait" },
    { outcome: "unknown", why: "no answer in time" },
  ];
  const busy: RecordingPlatform = {
    ...platform,
    edit: async (message, card, signal) => outcomes.shift() ?? platform.edit(message, card, signal),
  };
  const there = await openTestApp({ logs, followEveryMs: 30, chat: busy });
  try {
    const { messageId } = await there.chat.type("search never follow:1s");
    const ended = await there.chat.until(messageId, (card) => card.badge === "ENDED");
    expect(ended.title).toBe("0 new lines in all services");
    expect(outcomes).toEqual([]);
  } finally {
    await there.close();
  }
});

test("a search that is followed in files ends too, with the lines until then", async () => {
  const directory = await mkdtemp(join(tmpdir(), "follow-"));
  const file = join(directory, "checkout.log");
  const stamped = (text: string) => `${new Date().toISOString()} ERROR ${text}\n`;
  await writeFile(file, stamped("old"));
  const logs = await openFiles({
    paths: [{ pattern: file, namespace: "" }],
    org: "acme",
    now: Date.now,
    log: createLog("silent"),
  });
  const there = await openTestApp({ logs, followEveryMs: 30 });
  try {
    const { messageId } = await there.chat.type("search service:checkout follow:5s");
    await appendFile(file, stamped("payment failed"));
    await there.chat.until(messageId, (card) => plainText(card).includes("payment failed"));
    const ended = await clearingUp(() => there.chat.until(messageId, (card) => card.badge === "ENDED"));
    expect(ended.title).toBe("1 new line in checkout");
  } finally {
    await there.close();
    await logs.close();
    await rm(directory, { recursive: true });
  }
});

/** Meanwhile the process clears up its memory, as it does by itself every few seconds where it has much to do. */
async function clearingUp<T>(work: () => Promise<T>): Promise<T> {
  setFlagsFromString("--expose-gc");
  const clearing = setInterval(runInNewContext("gc") as () => void, 100);
  try {
    return await work();
  } finally {
    clearInterval(clearing);
  }
}
