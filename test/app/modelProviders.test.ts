import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { LogLine } from "../../src/logs/source.ts";
import type { After } from "../../src/models/deadline.ts";
import { guardModel } from "../../src/models/guard.ts";
import { parseModelPrices } from "../../src/models/prices.ts";
import { messagesApi } from "../adapters/anthropic/protocol.ts";
import { ollamaApi } from "../adapters/ollama/protocol.ts";
import { chatCompletions } from "../adapters/openai/protocol.ts";
import { createLinesSource } from "../support/linesSource.ts";
import { type AnalystServer, openAnalystServer } from "../support/models/analystModel.ts";
import { brokenShop } from "../support/models/brokenShop.ts";
import { BUSY, FAILURES, JSON_TYPE } from "../support/models/failures.ts";
import { MODEL, SILENT } from "../support/models/harness.ts";
import type { RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 29, 3);
const PROTOCOLS = [chatCompletions("openai"), chatCompletions("vllm"), messagesApi, ollamaApi];

let server: AnalystServer;
let opened: TestApp;
let chat: RecordingPlatform;
let admin: pg.Client;

beforeAll(async () => {
  server = await openAnalystServer();
  const lines = brokenShop(NOW_MS).map(
    ({ labels, atNs, text }): LogLine => ({
      service: labels.service_name ?? "",
      namespace: "",
      level: labels.level?.toUpperCase() as LogLine["level"],
      atNs,
      text,
    }),
  );
  opened = await openTestApp({
    logs: createLinesSource(lines),
    now: () => NOW_MS,
    models: {
      all: PROTOCOLS.map(({ open, base }) =>
        guardModel(open(`${server.url}${base}`, [MODEL]), {
          log: SILENT,
          timeoutMs: 120_000,
          after: sooner,
        }),
      ),
      byDefault: "first",
      prices: parseModelPrices(`${MODEL}=1/0.1/10`),
      budget: {},
      linkHosts: [],
    },
  });
  ({ chat } = opened);
  admin = new pg.Client({ connectionString: opened.databaseUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await opened.close();
  await server.close();
});
beforeEach(() => server.wire.reset());

/** The time of a request is over soon after the provider hangs, and no sooner; a second attempt comes at once. */
const sooner: After = (ms, then) => {
  if (ms < 120_000) {
    const timer = setTimeout(then, 5);
    return () => clearTimeout(timer);
  }
  // What was sent before it hangs is read between two looks.
  let looks = 0;
  const timer = setInterval(() => {
    if (server.wire.hung() > 0) looks += 1;
    if (looks < 10) return;
    clearInterval(timer);
    then();
  }, 20);
  return () => clearInterval(timer);
};
const isDone = ({ tone }: Card) => tone !== "working";
let windows = 0;
/** Each in a window of its own: the same one joins what is under way. */
async function analyze(): Promise<{ id: string; card: Card; text: string }> {
  windows += 1;
  const { messageId: id } = await chat.type(`analyze checkout since:${15 + 3 * windows}m`);
  const card = await chat.until(id, isDone);
  return { id, card, text: plainText(card) };
}
async function ask(thread: string, text: string): Promise<string> {
  const reply = await chat.answer(thread, text);
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} is no card`);
  const id = `reply-${Math.random()}`;
  chat.cards.set(id, reply.card);
  await reply.shown?.({ place: { platform: "recording", workspace: "T1", channel: "general", thread }, id });
  return plainText(await chat.until(id, isDone));
}
/** What several people get who ask for the same in one moment. */
async function analyzeAtOnce(people: number): Promise<string[]> {
  windows += 1;
  const typed = `analyze checkout since:${15 + 3 * windows}m`;
  const held = server.wire.hold(() => true);
  const shown = await Promise.all(Array.from({ length: people }, () => chat.type(typed)));
  held.letGo();
  const cards = await Promise.all(shown.map(({ messageId }) => chat.until(messageId, isDone)));
  return cards.map((card) => plainText(card));
}
async function lastOf(table: string) {
  const { rows } = await admin.query(`select * from ${table} order by created_at desc limit 1`);
  return rows[0];
}

describe.each(PROTOCOLS)("$name, through its own package", ({ name }) => {
  test("finds a root cause, is kept with all that a row has, and answers questions with what it looks up", async () => {
    await chat.type(`model use ${name}`, { platformAdmin: true });
    const { id, card, text } = await analyze();

    expect(card.badge).toBe("LIKELY CAUSE");
    expect(text).toContain("The database has no free session left");
    expect(text).toMatch(new RegExp(`^${name} ${MODEL}[,;]`, "m"));
    expect(await lastOf("analysis_results")).toMatchObject({
      provider: name,
      model: MODEL,
      root_cause: "The database has no free session left, so those who call it fail",
      confidence: 0.8,
      summary: "First the database turned sessions away, then checkouts failed [1][2]",
      suggested_action: "See who holds the sessions `select count(*) from pg_stat_activity`",
      evidence: [
        {
          number: 1,
          service: "orders-db",
          level: "FATAL",
          count: 120,
          sample: expect.stringMatching(/too many/),
        },
        {
          number: 2,
          service: "checkout",
          level: "ERROR",
          count: 159,
          sample: expect.stringMatching(/refused/),
        },
      ],
    });
    expect(await ask(id, "when did it start?")).toContain("The database came first");
    const lookedUp = await ask(id, "what did the mailer log?");
    expect(lookedUp).toContain("The mailer wrote what it always writes");
    expect(lookedUp).toContain("Looked up: first 20 lines of mailer");
    expect(lookedUp).toContain("20 lines, 8 shown");
    // In the evidence the same key has a number, and so has another secret: here there is none to take for it.
    expect(lookedUp).toContain('api_key="<redacted:api-key>"');
    const { rows } = await admin.query(
      "select purpose, state, input_tokens > 0 as read, output_tokens > 0 as wrote, cost_usd > 0 as cost from model_calls where provider = $1 order by created_at",
      [name],
    );
    const call = { state: "answered", read: true, wrote: true, cost: true };
    expect(rows).toEqual([
      { purpose: "root cause", ...call },
      ...[1, 2, 3].map(() => ({ purpose: "question", ...call })),
    ]);
  });
});

test("eight who ask for the same in one moment have it looked for once", async () => {
  await chat.type("model use openai", { platformAdmin: true });
  server.wire.reset();
  for (const text of await analyzeAtOnce(8)) expect(text).toContain("The database has no free session left");
  expect(server.wire.seen).toHaveLength(1);
});

describe("a provider that", () => {
  beforeEach(async () => {
    await chat.type("model use openai", { platformAdmin: true });
  });
  afterEach(async () => {
    // One that works between them: after five failures in a row it would be left alone.
    server.wire.reset();
    await analyze();
  });

  test.each(FAILURES)(
    "%s gives way to the built-in analyzer, which says so",
    async (_, asked, inPieces, why) => {
      server.wire.next(...asked);
      const { id, text, card } = await analyze();
      expect(card.badge).toBe("LIKELY CAUSE");
      expect(text).toContain("every slot is in use");
      expectNote(text, why);
      expect(await lastOf("analysis_results")).toMatchObject({ provider: "builtin" });

      server.wire.reset();
      server.wire.next(...(inPieces ?? asked));
      const answer = await ask(id, "when did it start?");
      expect(answer).toContain("orders-db began to log [1]");
      expectNote(answer, why);
    },
  );

  test("counts what cannot be is taken for one that does not count, and its answer for one", async () => {
    const { whole } = chatCompletions("openai");
    const usage = { inputTokens: -5, cachedTokens: 0, outputTokens: 1.5e9 };
    server.wire.next(whole({ text: "It is the database.", usage }), whole({ text: "It is.", usage }));
    expectNote((await analyze()).text, /not in the form/);

    expect(server.wire.seen.filter(({ method }) => method === "POST")).toHaveLength(2);
    expect(await lastOf("model_calls")).toMatchObject({ state: "answered", output_tokens: 2_000 });
    expect((await lastOf("model_calls")).input_tokens).toBeGreaterThan(500);
  });

  test("does not answer in time may have written all of it, and what it began to tell so much", async () => {
    server.wire.next({ ending: "hang" });
    const { id } = await analyze();
    const lost = await lastOf("model_calls");
    expect(lost).toMatchObject({ state: "failed", output_tokens: 2_000 });
    expect(lost.input_tokens).toBeGreaterThan(500);
    expect(Number(lost.cost_usd)).toBeGreaterThan(0.02);

    server.wire.reset();
    const { body = [], ...begun } = chatCompletions("openai").stream({
      texts: ["The database ", "came first."],
    });
    server.wire.next({ ...begun, body: body.slice(0, -2), ending: "hang" });
    await ask(id, "when did it start?");
    const partly = await lastOf("model_calls");
    expect(partly.output_tokens).toBeGreaterThan(0);
    expect(partly.output_tokens).toBeLessThan(20);
    expect(Number(partly.cost_usd)).toBeGreaterThan(0);
  });

  test("is asked a second time is paid for twice where the first may have been answered", async () => {
    const before = (await admin.query("select count(*)::int as calls from model_calls")).rows[0].calls;
    server.wire.next({ ending: "cut" }, { ...BUSY });
    await analyze();
    const { rows } = await admin.query(
      "select output_tokens from model_calls order by created_at offset $1",
      [before],
    );
    expect(rows).toEqual([{ output_tokens: 2_000 }, { output_tokens: 0 }]);
  });

  test("asks to wait a second is asked again, and answers", async () => {
    server.wire.next({ ...BUSY, headers: { ...JSON_TYPE, "retry-after": "1" } });
    expect((await analyze()).text).toContain("The database has no free session left");
    expect(server.wire.seen.filter(({ method }) => method === "POST")).toHaveLength(2);
  });
});

test("a provider that is down is found to be so, and then left alone", async () => {
  await chat.type("model use vllm", { platformAdmin: true });
  await server.wire.close();
  const notes: string[] = [];
  for (let times = 0; times < 4; times++) notes.push((await analyze()).text);

  expectNote(notes[0] as string, /Nothing listens at/);
  expectNote(notes[3] as string, /vLLM failed 5 times in a row\. It is asked again in (?:30|2\d) s/);
});

/** One sentence at the foot of the card, which ends once. */
function expectNote(text: string, why: RegExp): void {
  const note = /Built-in analyzer instead of .*/.exec(text)?.[0] ?? text;
  expect(note).toMatch(why);
  // Whoever reads the channel learns nothing of where the operator's servers stand.
  expect(text).not.toContain("127.0.0.1");
  expect(note).toMatch(
    /^Built-in analyzer instead of (?:openai|vllm) \S+: .*[^.]\.(?: Reply in the thread to ask more\.)?$/,
  );
}
