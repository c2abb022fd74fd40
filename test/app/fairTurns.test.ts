import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { startApp } from "../../src/app.ts";
import type { App } from "../../src/appParts.ts";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Reply } from "../../src/chat/platform.ts";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { createLog } from "../../src/log.ts";
import type { LogLine } from "../../src/logs/source.ts";
import { guardModel } from "../../src/models/guard.ts";
import { estimateTokens, type LanguageModel, type ModelReply } from "../../src/models/languageModel.ts";
import { parseModelPrices } from "../../src/models/prices.ts";
import { until } from "../support/eventually.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { createRecordingPlatform, type RecordingPlatform } from "../support/recordingPlatform.ts";

const NOW_MS = Date.UTC(2026, 10, 29, 3);
const MINUTE = 60_000;
const ADMIN = { platformAdmin: true, operator: true } as const;

const FORM = {
  verdict: "cause visible",
  hypotheses: [
    {
      cause: "The database has no connections left to give",
      service: "orders-db",
      for: [{ evidence: 1, quote: "too many clients already" }],
      against: [],
      confidence: 0.9,
    },
  ],
  summary: [],
  nextStep: { advice: "", command: "" },
  lookAt: [],
};
const says = (text: string): ModelReply => ({ outcome: "answered", text, calls: [] });

/** While it is slow, questions of acme's are answered when it is not any more. */
let slow = { isSo: false, until: Promise.resolve(), end: () => {} };
let underWay = 0;
let mostUnderWay = 0;
const model: LanguageModel = {
  provider: "openai",
  runs: "hosted",
  models: ["gpt-test"],
  countTokens: estimateTokens,
  health: async () => ({ ok: true, summary: "It answers." }),
  async ask({ schema, messages }) {
    underWay += 1;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    if (slow.isSo && !JSON.stringify(messages).includes("other tenant's")) await slow.until;
    underWay -= 1;
    return says(schema === undefined ? "Nothing else changed [1]." : JSON.stringify(FORM));
  },
};

function incident(of: string): LogLine[] {
  const lines: LogLine[] = [];
  const every = (service: string, level: LogLine["level"], text: string, fromMs: number, stepMs: number) => {
    for (let at = fromMs; at < NOW_MS; at += stepMs)
      lines.push(lineAt(at, text, { service, ...(level !== undefined && { level }) }));
  };
  every("checkout", "INFO", "order placed", NOW_MS - 100 * MINUTE, 5_000);
  every("orders-db", "FATAL", `sorry, too many clients already: ${of}`, NOW_MS - 8 * MINUTE, 4_000);
  return lines;
}

let app: App;
let database: TestDatabase;
let admin: pg.Client;
const acme = createRecordingPlatform("T1", "one");
const other = createRecordingPlatform("T2", "two");

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateJobs(database.url);
  const sources = {
    acme: createLinesSource(incident("acme's")),
    other: createLinesSource(incident("other tenant's")),
  };
  const of = (org: string) => sources[org as keyof typeof sources];
  app = await startApp({
    databaseUrl: database.url,
    cache: createMemoryCache({ now: () => NOW_MS }),
    logs: {
      lines: (org, query) => of(org).lines(org, query),
      counts: (org, query) => of(org).counts(org, query),
      services: (org, range) => of(org).services(org, range),
      namespaces: (org, range) => of(org).namespaces(org, range),
      linkTo: async () => undefined,
      health: async () => ({ ok: true, summary: "Lines of a test.", warnings: [] }),
    },
    platforms: () => [acme, other],
    allowedOrgs: ["acme", "other"],
    editsApartMs: 0,
    channelApartMs: 0,
    now: () => NOW_MS,
    log: createLog("silent"),
    models: {
      all: [guardModel(model, { log: createLog("silent") })],
      byDefault: "first",
      prices: parseModelPrices(""),
      budget: {},
      linkHosts: [],
    },
  });
  await acme.type("connect acme", ADMIN);
  await other.type("connect other", ADMIN);
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await app.stop();
  await database.drop();
});
beforeEach(() => {
  mostUnderWay = 0;
  let end = () => {};
  const until = new Promise<void>((resolve) => {
    end = resolve;
  });
  slow = { isSo: false, until, end };
});
afterEach(async () => {
  slow.end();
  await untilNobodyWaits();
});

const isDone = ({ tone }: Card) => tone !== "working";
let windows = 0;
async function analyze(chat: RecordingPlatform): Promise<string> {
  windows += 1;
  const { messageId } = await chat.type(`analyze checkout since:${20 + 5 * windows}m`);
  await chat.until(messageId, isDone);
  return messageId;
}
const untilNobodyWaits = () =>
  until(
    async () => {
      const { rows } = await admin.query(
        "select (select count(*) from conversation_messages where state = 'queued')::int + (select count(*) from conversations where state = 'queued')::int as waiting",
      );
      return rows[0].waiting === 0;
    },
    "the last one who waited",
    { everyMs: 100 },
  );
const isWorking = (reply: Reply) => reply.kind === "message" && reply.card.tone === "working";
function told(reply: Reply): string {
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} is no card`);
  expect(reply.visibility).toBe("caller");
  return plainText(reply.card);
}

describe("while one tenant has fifty questions waiting on a model that does not answer", () => {
  test("another's root cause and questions are answered at once, and afterwards all of the fifty", async () => {
    const thread = await analyze(acme);
    slow.isSo = true;
    const asked = await Promise.all(
      Array.from({ length: 50 }, (_, i) => acme.answer(thread, `why ${i}?`, { id: `person-${i % 10}` })),
    );
    expect(asked.filter(isWorking)).toHaveLength(50);

    // The others wait in their own rows, and in nobody's way. The job of the root cause may end after it is shown.
    let queued = 0;
    await until(
      async () => {
        const { rows } = await admin.query("select count(*)::int as count from jobs.job");
        queued = rows[0].count;
        return queued === 8;
      },
      () => `8 jobs, not ${queued}`,
    );
    await until(() => underWay === 4, "four of them asked");

    const fromMs = performance.now();
    const theirs = await analyze(other);
    const reply = await other.answer(theirs, "why is that?");
    if (reply.kind !== "message") throw new Error("not answered");
    other.cards.set("answer", reply.card);
    const place = { platform: "two", workspace: "T2", channel: "general", thread: theirs };
    await reply.shown?.({ place, id: "answer" });
    expect(plainText(await other.until("answer", isDone))).toContain("Nothing else changed");
    // What nobody has queued is found after 15 s, and what hangs is given up after two minutes.
    expect(performance.now() - fromMs).toBeLessThan(12_000);
    expect(mostUnderWay).toBe(5);

    const late = await acme.answer(thread, "one more?", { id: "person-11" });
    expect(told(late)).toContain("50 questions of your organisation are waiting for an answer already.");

    slow.end();
    await untilNobodyWaits();
    const { rows } = await admin.query(
      "select count(*)::int as count from conversation_messages where author = 'bot' and body like 'Nothing else changed%'",
    );
    expect(rows[0].count).toBe(51);
  });
});

describe("a person who has five questions waiting", () => {
  test("is told so, alone, for root causes too, and others ask on; what was asked already is not refused", async () => {
    const thread = await analyze(acme);
    slow.isSo = true;
    const place = { platform: "one", workspace: "T1", channel: "general", thread };
    const person = { id: "eager", name: "Eve", platformAdmin: false };
    const ask = (id: string, text: string) =>
      app.core.handle({ kind: "reply", id, place, person, text, toBot: true });
    const acts = Array.from({ length: 12 }, () => randomUUID());
    const asked = await Promise.all(acts.map((id, i) => ask(id, `why ${i}?`)));

    const taken = acts.filter((_, i) => isWorking(asked[i] as Reply));
    expect(taken).toHaveLength(5);
    const refused = asked.filter((reply) => !isWorking(reply));
    for (const reply of refused)
      expect(told(reply)).toContain(
        "You have 5 questions waiting for an answer. Ask again when one of them is answered.",
      );
    expect(told((await acme.type("analyze checkout since:3h", person)).reply)).toContain(
      "You have 5 questions",
    );
    for (const id of taken) expect(isWorking(await ask(id, "why?"))).toBe(true);
    expect(isWorking(await acme.answer(thread, "why?", { id: "calm" }))).toBe(true);

    slow.end();
    await untilNobodyWaits();
    expect(isWorking(await ask(randomUUID(), "and now?"))).toBe(true);
  });

  test("may still join what somebody looks for already", async () => {
    slow.isSo = true;
    const person = { id: "joiner" };
    const typed = Array.from({ length: 5 }, (_, i) =>
      acme.type(`analyze checkout since:${200 + 10 * i}m`, person),
    );
    for (const { reply } of await Promise.all(typed)) expect(isWorking(reply)).toBe(true);
    const again = await acme.type("analyze checkout since:200m", person);
    expect(isWorking(again.reply)).toBe(true);
    const sixth = await acme.type("analyze checkout since:300m", person);
    expect(told(sixth.reply)).toContain("You have 5 questions");

    slow.end();
    expect(plainText(await acme.until(again.messageId, isDone))).toContain("no connections left");
  });
});
