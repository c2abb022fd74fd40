import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Reply } from "../../src/chat/platform.ts";
import { createLog } from "../../src/log.ts";
import type { LogLine } from "../../src/logs/source.ts";
import { guardModel } from "../../src/models/guard.ts";
import type { LanguageModel, ModelReply, ModelRequest } from "../../src/models/languageModel.ts";
import { estimateTokens } from "../../src/models/languageModel.ts";
import { parseModelPrices } from "../../src/models/prices.ts";
import type { Models } from "../../src/models/tenantModel.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import type { RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 29, 3);
const MINUTE = 60_000;
/** An AWS key as their documentation has it; it stands in a line of the incident. */
const SECRET = "AKIAIOSFODNN7EXAMPLE";

function incident(): LogLine[] {
  const lines: LogLine[] = [];
  const every = (service: string, level: LogLine["level"], text: string, fromMs: number, stepMs: number) => {
    for (let at = fromMs; at < NOW_MS; at += stepMs)
      lines.push(lineAt(at, text, { service, ...(level !== undefined && { level }) }));
  };
  const beganMs = NOW_MS - 8 * MINUTE;
  every("orders-db", "INFO", "checkpoint complete", NOW_MS - 100 * MINUTE, 30_000);
  every("checkout", "INFO", "order placed", NOW_MS - 100 * MINUTE, 5_000);
  every("mailer", "ERROR", "SMTP 450 mailbox unavailable", NOW_MS - 100 * MINUTE, 20_000);
  every("orders-db", "FATAL", `sorry, too many clients already key=${SECRET}`, beganMs, 4_000);
  every("checkout", "ERROR", "orders-db refused the connection", beganMs + 4_000, 3_000);
  return lines;
}

type Script = (request: ModelRequest, signal: AbortSignal) => Promise<ModelReply> | ModelReply;

let script: Script;
const requests: ModelRequest[] = [];
const usage = { inputTokens: 1_000, cachedTokens: 0, outputTokens: 100 };
const unguarded: LanguageModel = {
  provider: "openai",
  runs: "hosted",
  models: ["gpt-test", "gpt-unpriced"],
  countTokens: estimateTokens,
  health: async () => ({ ok: true, summary: "It answers." }),
  async ask(request, signal) {
    // As it was at that moment: the messages grow afterwards.
    const { onText, onStanding, ...said } = request;
    requests.push(structuredClone(said));
    return script(request, signal);
  },
};
const model = guardModel(unguarded, { log: createLog("silent") });
const models: Models = {
  all: [model],
  byDefault: "first",
  prices: parseModelPrices("gpt-test=1/0.1/10"),
  budget: {},
  linkHosts: [],
};

const form = {
  verdict: "cause visible",
  hypotheses: [
    {
      cause: "The database has no connections left to give, so checkout cannot reach it",
      service: "orders-db",
      for: [
        { evidence: 1, quote: "too many clients already" },
        { evidence: 2, quote: "" },
      ],
      against: [{ evidence: 77, quote: "" }],
      confidence: 0.99,
    },
    {
      cause: "The mail server is overloaded",
      service: "mailer",
      for: [{ evidence: 3, quote: "this stands nowhere" }],
      against: [],
      confidence: 0.4,
    },
  ],
  summary: [
    { sentence: "The database began to refuse sessions and callers failed seconds later", evidence: [1, 2] },
  ],
  nextStep: { advice: "See who holds the sessions", command: "select count(*) from pg_stat_activity" },
  lookAt: [],
};
const says = (text: string): ModelReply => ({ outcome: "answered", text, calls: [], usage });

let opened: TestApp;
let chat: RecordingPlatform;
let admin: pg.Client;

beforeAll(async () => {
  opened = await openTestApp({ logs: createLinesSource(incident()), models, now: () => NOW_MS });
  ({ chat } = opened);
  admin = new pg.Client({ connectionString: opened.databaseUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await opened.close();
});
beforeEach(() => {
  requests.length = 0;
  script = () => says(JSON.stringify(form));
});

const done = (card: Card) => card.tone !== "working";
function cardOf(reply: Reply): Card {
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return reply.card;
}
let asked = 0;
/** Each in a window of its own: the same one joins what is under way. */
async function analyze(): Promise<{ messageId: string; card: Card; text: string }> {
  asked++;
  const { messageId } = await chat.type(`analyze checkout since:${20 + 5 * asked}m`);
  const card = await chat.until(messageId, done);
  return { messageId, card, text: plainText(card) };
}
/** Asks in the thread, shows what comes, and waits for the answer. */
async function ask(thread: string, text: string): Promise<Card> {
  const reply = await chat.answer(thread, text);
  const id = `reply-${Math.random()}`;
  chat.cards.set(id, cardOf(reply));
  if (reply.kind === "message")
    await reply.shown?.({
      place: { platform: "recording", workspace: "T1", channel: "general", thread },
      id,
    });
  return chat.until(id, done);
}
const rows = async (sql: string) => (await admin.query(sql)).rows;

describe("a root cause with a model", () => {
  test("is the model's, with its claims held against the evidence, and what counts alone say beside it", async () => {
    const { text, card } = await analyze();

    expect(text).toContain("The database has no connections left to give");
    expect(text).toContain("[1][2]");
    // A new line that says how it fails carries so much, whatever the model thinks.
    expect(text).toMatch(/high \(0\.80\)/);
    expect(text).toContain("By counts and times alone");
    expect(text).not.toContain("mail server");
    expect(text).toContain("select count(*) from pg_stat_activity");
    expect(text).toContain("3 of its");
    expect(text).toContain("1,000 tokens read and 100 written, $0.0020");
    expect(card.badge).toBe("LIKELY CAUSE");
  });

  test("is kept with provider, model and everything a row has", async () => {
    await analyze();

    const [row] = await rows("select * from analysis_results order by created_at desc limit 1");
    expect(row).toMatchObject({ provider: "openai", model: "gpt-test", confidence: 0.8 });
    expect(row.root_cause).toContain("no connections left");
    expect(row.summary).toContain("refuse sessions");
    expect(row.suggested_action).toContain("pg_stat_activity");
    expect(row.evidence.map((item: { number: number }) => item.number)).toEqual([1, 2]);
  });

  test("has the built-in analyzer's answer on its card while the model thinks", async () => {
    let finish = (_: ModelReply) => {};
    script = () => new Promise((resolve) => (finish = resolve));
    const { messageId } = await chat.type("analyze checkout since:2h");
    const meanwhile = await chat.until(messageId, (card) =>
      plainText(card).includes("Asking openai gpt-test"),
    );

    expect(meanwhile.badge).toBe("WORKING");
    expect(plainText(meanwhile)).toContain("every slot is in use");
    finish(says(JSON.stringify(form)));
    expect(plainText(await chat.until(messageId, done))).toContain("no connections left");
  });

  test("never sends a secret, and nothing of a log outside of the fences", async () => {
    await analyze();

    const sent = JSON.stringify(requests);
    expect(sent).not.toContain(SECRET);
    expect(sent).toContain("<redacted:aws");
    const [evidence] = requests[0]?.messages ?? [];
    const text = evidence?.role === "user" ? evidence.text : "";
    const fence = /<(EVIDENCE-[\w-]+)>/.exec(text)?.[1] as string;
    const [before, inside, after] = text.split(new RegExp(`\\n</?${fence}>\\n?`));
    expect(inside).toContain("too many clients");
    expect(`${before}${after}${JSON.stringify(requests[0]?.messages.slice(1))}`).not.toContain(
      "too many clients",
    );
  });

  test.each([
    [
      "in a fence with talk around it",
      `Here you are:\n\`\`\`json\n${JSON.stringify(form)}\n\`\`\`\nHope it helps.`,
    ],
    ["with trailing commas and no end", JSON.stringify(form).replaceAll("}]", "},]").slice(0, -1)],
  ])("is read %s", async (_, text) => {
    script = () => says(text);
    expect((await analyze()).text).toContain("no connections left");
    expect(requests).toHaveLength(1);
  });

  test("that is in no form is asked for once more", async () => {
    script = () => says(requests.length === 1 ? "I think it is the database." : JSON.stringify(form));
    expect((await analyze()).text).toContain("no connections left");
    expect(requests).toHaveLength(2);
  });

  test.each<[string, Script, string]>([
    ["is in no form twice", () => says("the database"), "not in the form"],
    ["is empty", () => ({ outcome: "unusable", why: "its answer was empty" }), "its answer was empty"],
    [
      "never comes",
      () => ({ outcome: "later", why: "it did not answer in 120 s" }),
      "did not answer in 120 s",
    ],
    ["is refused", () => ({ outcome: "refused", why: "the key is wrong" }), "the key is wrong"],
    [
      "lies about everything",
      () => says(JSON.stringify({ ...form, hypotheses: [{ ...form.hypotheses[1] }], summary: [] })),
      "could not be found in the evidence",
    ],
  ])("that %s gives way to the built-in analyzer's, which says why", async (_, what, why) => {
    script = what;
    const { text, card } = await analyze();

    expect(text).toContain("every slot is in use");
    expect(text).toContain(`Built-in analyzer instead of openai gpt-test`);
    expect(text).toContain(why);
    expect(card.badge).toBe("LIKELY CAUSE");
    const [row] = await rows("select provider from analysis_results order by created_at desc limit 1");
    expect(row).toEqual({ provider: "builtin" });
  });

  test("that fails is something to mend in status, until one is answered again", async () => {
    const status = async () => plainText(cardOf((await chat.type("status")).reply));
    script = () => ({ outcome: "refused", why: "the key is wrong" });
    await analyze();
    expect(await status()).toContain(
      "The built-in analyzer answers in place of openai gpt-test: the key is wrong",
    );

    script = () => says(JSON.stringify(form));
    await analyze();
    expect(await status()).not.toContain("in place of");
    expect(await status()).toContain("Root causes: openai gpt-test");
  });

  test("that sees none says where to look", async () => {
    script = () =>
      says(
        JSON.stringify({
          ...form,
          verdict: "not visible in these logs",
          hypotheses: [],
          lookAt: ["CPU and memory of the node it runs on"],
        }),
      );
    const { text, card } = await analyze();

    expect(card.badge).toBe("NOT ENOUGH EVIDENCE");
    expect(text).toContain("Not visible in these logs.");
    expect(text).toContain("CPU and memory of the node");
  });

  test("asked for twice at once is looked for once, and both get it", async () => {
    let finish = (_: ModelReply) => {};
    script = () => new Promise((resolve) => (finish = resolve));
    const first = await chat.type("analyze checkout since:3h");
    const second = await chat.type("analyze checkout since:3h");
    await chat.until(first.messageId, (card) => plainText(card).includes("Asking openai"));
    finish(says(JSON.stringify(form)));

    for (const { messageId } of [first, second])
      expect(plainText(await chat.until(messageId, done))).toContain("no connections left");
    expect(requests).toHaveLength(1);
  });
});

describe("questions in its thread", () => {
  test("are answered from the evidence, with the turns before them, and the same first bytes", async () => {
    const { messageId } = await analyze();
    const first = requests[0]?.messages[0];
    script = () =>
      says('It began with the database [1], which says "too many clients already" [1]. Orders fell [99].');

    const one = plainText(await ask(messageId, "when did it start?"));
    expect(one).toContain("It began with the database [1]");
    expect(one).not.toContain("Orders fell");
    expect(one).toContain("1 was left out");
    script = () => says("As I said, the database came first [1].");
    await ask(messageId, "are you sure about that?");

    const last = requests.at(-1) as ModelRequest;
    expect(last.messages[0]).toEqual(first);
    expect(JSON.stringify(last.messages)).toContain("when did it start?");
    expect(JSON.stringify(last.messages)).toContain("It began with the database");
    expect(last.system).toBe(requests[0]?.system);
    expect(JSON.stringify(last.messages.at(-1))).toContain("in the language it is asked in");
  });

  test("may have things looked up, which are shown and can be cited", async () => {
    const { messageId } = await analyze();
    const from = new Date(NOW_MS - 20 * MINUTE).toISOString();
    const to = new Date(NOW_MS).toISOString();
    let round = 0;
    script = (request) => {
      if (round++ === 0)
        return {
          outcome: "answered",
          text: "",
          calls: [
            { id: "c1", name: "search_lines", arguments: { service: "mailer", text: "mailbox", from, to } },
            {
              id: "c2",
              name: "search_lines",
              arguments: { service: 'x"} or {job="vault', text: "", from, to },
            },
            { id: "c3", name: "delete_everything", arguments: {} },
          ],
        };
      const results = request.messages.at(-1);
      const number = /^\[(\d+)\]/.exec(
        results?.role === "results" ? (results.results[0]?.text ?? "") : "",
      )?.[1];
      return says(`The mailer only had its usual "mailbox unavailable" [${number}].`);
    };
    const card = await ask(messageId, "what about the mailer?");

    const text = plainText(card);
    expect(text).toContain("The mailer only had its usual");
    expect(text).toContain('Looked up: first 20 lines of mailer with "mailbox"');
    const told = requests.at(-1)?.messages.at(-1);
    const results = told?.role === "results" ? told.results.map((result) => result.text) : [];
    expect(results[1]).toBe("No service of that name logged anything then.");
    expect(results[2]).toBe("There is no tool delete_everything.");
    const [kept] = await rows("select looked_up from conversation_messages where looked_up is not null");
    expect(kept.looked_up).toHaveLength(1);
  });

  test("are left to people who talk to each other", async () => {
    const { messageId } = await analyze();
    const bob = { id: "u2", name: "Bob" };
    const before = requests.length;

    expect(await chat.answer(messageId, "I will restart it then", bob)).toEqual({ kind: "silence" });
    expect(await chat.answer(messageId, "thanks!")).toEqual({ kind: "silence" });
    expect(requests).toHaveLength(before);
    script = () => says("Nothing else failed [1].");
    expect((await chat.answer(messageId, "what else failed?", bob)).kind).toBe("message");
  });

  test.each([
    ["is down", { outcome: "later", why: "it cannot be reached" } as ModelReply, "it cannot be reached"],
    ["says only what stands nowhere", says('The disk is "completely full of cats" [1].'), "does not hold"],
  ])("are answered without it where the model %s", async (_, reply, why) => {
    const { messageId } = await analyze();
    script = () => reply;
    const text = plainText(await ask(messageId, "when did it start?"));

    expect(text).toContain("orders-db began to log [1]");
    expect(text).toContain("Built-in analyzer instead of openai gpt-test");
    expect(text).toContain(why);
  });
});

describe("what a tenant spends", () => {
  test("is counted, call by call", async () => {
    await admin.query("delete from model_calls");
    await analyze();

    expect(
      await rows(
        "select provider, model, purpose, state, input_tokens, output_tokens, cost_usd from model_calls",
      ),
    ).toEqual([
      {
        provider: "openai",
        model: "gpt-test",
        purpose: "root cause",
        state: "answered",
        input_tokens: 1_000,
        output_tokens: 100,
        cost_usd: "0.002000",
      },
    ]);
  });

  test("ends with the day's budget: the built-in analyzer answers, and says so", async () => {
    await chat.type("model budget tokens:5000", { platformAdmin: true });
    await admin.query("update model_calls set input_tokens = 4900");
    const { text } = await analyze();

    expect(text).toContain("the day's budget is spent (");
    expect(text).toContain("of 5,000 tokens");
    expect(text).toContain("every slot is in use");
    expect(requests).toHaveLength(0);
    await admin.query("delete from model_calls");
    await chat.type("model budget tokens:0", { platformAdmin: true });
    await admin.query("update model_choices set daily_tokens = null");
  });

  test.each([
    ["more than a number of one column", { inputTokens: 3e9, cachedTokens: 0, outputTokens: 10 }],
    ["a sum that is", { inputTokens: 1.5e9, cachedTokens: 0, outputTokens: 1.5e9 }],
  ])("that is told to be %s loses no answer, and ends no day", async (_, wrong) => {
    await admin.query("delete from model_calls");
    script = () => ({ outcome: "answered", text: JSON.stringify(form), calls: [], usage: wrong });
    expect((await analyze()).text).toContain("no connections left");
    expect(requests).toHaveLength(1);

    script = () => says(JSON.stringify(form));
    expect((await analyze()).text).toContain("no connections left");
    expect(plainText(cardOf((await chat.type("model show")).reply))).toContain("openai gpt-test");
    await admin.query("delete from model_calls");
  });

  test("may be nothing: a tenant can do without a model", async () => {
    const said = await chat.type("model use builtin", { platformAdmin: true });
    expect(plainText(cardOf(said.reply))).toContain("built-in");
    const { text } = await analyze();

    expect(text).toContain("Built-in analyzer, no model");
    expect(requests).toHaveLength(0);
    await chat.type("model use openai", { platformAdmin: true });
  });
});
