import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { LIMITS as DISCORD } from "../../adapters/discord/limits.ts";
import { type FilesSource, openFiles } from "../../adapters/files/index.ts";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { LIMITS as SLACK } from "../../adapters/slack/limits.ts";
import { LIMITS as WEB } from "../../adapters/web/limits.ts";
import { startApp } from "../../src/app.ts";
import type { App } from "../../src/appParts.ts";
import type { Card } from "../../src/chat/card.ts";
import { fitCard } from "../../src/chat/fit.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Reply } from "../../src/chat/platform.ts";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { createLog } from "../../src/log.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { createRecordingPlatform, type RecordingPlatform } from "../support/recordingPlatform.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const log = createLog("silent");

/** The last hour of a shop whose database ran out of connections ten minutes ago. */
function shopLogs(): { checkout: string; db: string } {
  const at = (secondsAgo: number) => new Date(NOW_MS - secondsAgo * 1_000).toISOString();
  const checkout: string[] = [];
  const db: string[] = [];
  for (let ago = 3_590; ago > 0; ago -= 5) {
    checkout.push(`${at(ago)} INFO order ${ago} placed`);
    if (ago % 300 === 0) checkout.push(`${at(ago)} WARN card of ann${ago}@example.com declined`);
    if (ago < 600)
      checkout.push(`${at(ago - 1)} ERROR order ${ago}: orders-db: timeout exceeded when trying to connect`);
    if (ago < 610) db.push(`${at(ago)} FATAL sorry, too many clients already password=hunter2`);
    else db.push(`${at(ago)} INFO checkpoint complete`);
  }
  return { checkout: checkout.join("\n"), db: db.join("\n") };
}

let folder: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let logs: FilesSource;
let app: App;
let chat: RecordingPlatform;
let stranger: RecordingPlatform;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loghunter-app-"));
  const shop = shopLogs();
  await writeFile(join(folder, "checkout.log"), `${shop.checkout}\n`);
  await writeFile(join(folder, "orders-db.log"), `${shop.db}\n`);
  database = await createTestDatabase();
  await migrateJobs(database.url);
  logs = await openFiles({
    paths: [{ pattern: folder, namespace: "shop" }],
    org: "acme",
    now: () => NOW_MS,
    log,
  });
  chat = createRecordingPlatform("T1");
  stranger = createRecordingPlatform("T2", "elsewhere");
  app = await startApp({
    databaseUrl: database.url,
    cache: createMemoryCache({ now: () => NOW_MS }),
    logs,
    platforms: () => [chat, stranger],
    allowedOrgs: ["acme", "other"],
    log,
    now: () => NOW_MS,
  });
  await chat.type("connect acme", { platformAdmin: true, operator: true });
});

afterAll(async () => {
  await app.stop();
  await logs.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

function cardOf(reply: Reply): Card {
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return reply.card;
}
const say = async (text: string, by = {}) => cardOf((await chat.type(text, by)).reply);
const textOf = async (text: string, by = {}) => plainText(await say(text, by));

describe("analyze", () => {
  let messageId: string;
  let answer: Card;

  beforeAll(async () => {
    const asked = await chat.type("analyze checkout");
    expect(cardOf(asked.reply)).toMatchObject({ tone: "working", title: "checkout: looking for the cause" });
    messageId = asked.messageId;
    answer = await chat.until(messageId, (card) => card.tone !== "working");
  });

  test("turns its message into the root cause, with evidence, chart and buttons", () => {
    expect(answer.title).toBe("checkout: likely cause found");
    expect(plainText(answer)).toContain(
      "orders-db: the database refuses connections because every slot is in use.",
    );
    expect(answer.body.map((block) => block.kind)).toEqual(
      expect.arrayContaining(["facts", "chart", "items"]),
    );
    expect(answer.actions?.map((button) => button.label)).toEqual([
      "👍 Right",
      "👎 Not right",
      "Show lines",
      "Look again",
    ]);
  });

  test("shows no secret and no personal data", () => {
    expect(plainText(answer)).not.toMatch(/hunter2|@example\.com/);
  });

  const button = (label: string) =>
    answer.actions?.find((candidate) => candidate.label === label)?.action ?? { name: "", subject: "" };

  test("keeps an opinion, one a person, changed by the next press", async () => {
    expect(cardOf(await chat.press(messageId, button("👍 Right"))).body).toEqual([
      { kind: "text", text: "Kept: this root cause was right." },
    ]);
    const { subject } = button("👎 Not right");
    const typed = `feedback give wrong about:${subject.slice(0, 8)} cause:"the pool of checkout was set to 500"`;
    const said = plainText(cardOf((await chat.type(typed)).reply));
    expect(said).toContain("was wrong. It was: the pool of checkout was set to 500");
    expect(plainText(cardOf((await chat.type("feedback report")).reply))).toContain("1 root cause judged");
  });

  test("opens a form for what it was instead, filled in with which root cause is meant", async () => {
    const action = button("👎 Not right");
    const place = { platform: "recording", workspace: "T1", channel: "general" };
    const person = { id: "u1", name: "Ann", platformAdmin: false };
    const act = {
      kind: "press" as const,
      id: "form",
      place,
      person,
      action,
      message: { place, id: messageId },
    };

    expect(app.core.opensForm(act)).toBe(true);
    expect(await app.core.form(act)).toMatchObject({
      form: { command: "feedback give", values: { verdict: "wrong", about: action.subject.slice(0, 8) } },
    });
  });

  test("is remembered when the same comes again, with what people said it was", async () => {
    const { messageId: again } = await chat.type("analyze checkout since:45m");
    await chat.until(again, (card) => card.tone !== "working");
    const evidence = plainText(cardOf(await chat.answer(again, "show all evidence")));

    expect(evidence).toContain("this was looked into before");
    expect(evidence).toContain("1 person said wrong. It was: the pool of checkout was set to 500");
  });

  test("shows the lines behind it, redacted, and looks again", async () => {
    const lines = plainText(cardOf(await chat.press(messageId, button("Show lines"))));
    expect(lines).toContain("orders-db: warnings and errors");
    expect(lines).toContain("sorry, too many clients already");
    expect(lines).not.toMatch(/@example\.com/);

    expect(cardOf(await chat.press(messageId, button("Look again")))).toMatchObject({ tone: "working" });
  });

  test.each([
    ["when did it start?", "orders-db began to log [1]"],
    ["show [1]", "too many clients"],
    ["what about checkout", "timeout exceeded"],
    ["who else is affected?", "orders-db"],
    ["was there a deploy?", "No deploy was marked"],
    ["how sure are you?", "Confidence is"],
    ["what should I do?", "pg_stat_activity"],
    ["is it over?", "Too little time has passed"],
    ["show me the chart", "[chart]"],
    ["show all evidence", "[2]"],
    ["sing a song?", "Without a model I answer from this evidence only"],
  ])("is asked in its thread: %s", async (question, expected) => {
    expect(plainText(cardOf(await chat.answer(messageId, question)))).toContain(expected);
  });

  test("remembers in its thread what the talk is about", async () => {
    await chat.answer(messageId, "what about checkout");
    const timeline = plainText(cardOf(await chat.answer(messageId, "and when did it begin?")));

    expect(timeline).toContain("checkout began to log");
    expect(timeline).not.toContain("orders-db began to log");
  });

  test("asked under another message of the bot's says where questions are answered, to who asked", async () => {
    for (const typed of ["errors checkout", "search order since:soon"]) {
      const { messageId: other } = await chat.type(typed);
      const reply = await chat.answer(other, "why?");
      expect(reply).toMatchObject({ kind: "message", visibility: "caller" });
      expect(plainText(cardOf(reply))).toContain(
        "I answer questions in the thread of a root cause. Under an alert",
      );
    }
  });

  test("stays silent in threads that are not its own", async () => {
    expect(await chat.answer("some other message", "lunch?")).toEqual({ kind: "silence" });
  });

  test("asked by the same act twice begins one conversation", async () => {
    const inbound = {
      kind: "command" as const,
      id: "the-same-act",
      place: { platform: "recording", workspace: "T1", channel: "general" },
      person: { id: "u1", name: "Ann", platformAdmin: false },
      call: { text: "analyze checkout since:15m" },
    };
    const [first, second] = await Promise.all([app.core.handle(inbound), app.core.handle(inbound)]);

    expect(cardOf(first as Reply)).toEqual(cardOf(second as Reply));
  });
});

describe("errors", () => {
  test("groups lines by message, with count, trend and a root-cause button", async () => {
    const card = await say("errors checkout");
    const text = plainText(card);

    expect(card.title).toBe("checkout: 2 kinds of warnings and errors");
    expect(text).toMatch(/ERROR\s+119 lines/);
    expect(text).not.toContain("@example.com");
    expect(card.actions?.map((button) => button.label)).toEqual(["Root cause"]);
  });

  test("leads to the root cause by its button", async () => {
    const { reply, messageId } = await chat.type("errors checkout");
    const action = cardOf(reply).actions?.[0]?.action ?? { name: "", subject: "" };

    expect(cardOf(await chat.press(messageId, action))).toMatchObject({
      title: "checkout: looking for the cause",
    });
  });

  test("says when there are none, and takes one level", async () => {
    expect((await say("errors checkout since:30s level:fatal")).title).toBe("checkout: no FATAL lines");
    expect((await say("errors checkout level:warning")).title).toBe("checkout: 1 kind of WARN lines");
  });
});

describe("search", () => {
  test("finds lines whatever their case, newest last, redacted, and marks them as not to be kept", async () => {
    const card = await say("search TOO MANY clients");

    const block = card.body[0];
    expect(block).toMatchObject({ kind: "log", transient: true });
    expect(card.title).toBe("121 lines in all services");
    expect(plainText(card)).toContain("password=<redacted:password#1>");
    expect(plainText(card)).not.toContain("hunter2");
  });

  test("says when nothing is found, and where to look", async () => {
    expect(await textOf('search "no such words" service:checkout')).toContain(
      "No line of checkout holds no such words",
    );
  });

  test("sees a line that was written a moment ago", async () => {
    await appendFile(
      join(folder, "checkout.log"),
      `${new Date(NOW_MS - 1).toISOString()} INFO fresh-from-the-press\n`,
    );
    expect(await textOf("search fresh-from-the-press")).toContain("1 line in all services");
  });
});

describe("deploy", () => {
  test("marks a deploy that the next analysis knows", async () => {
    expect((await say("deploy checkout 2.4.1")).title).toBe("checkout 2.4.1: deploy marked");
  });

  test("of an unknown service is refused", async () => {
    expect(await textOf("deploy chekout 2.4.1")).toContain("Did you mean checkout?");
  });
});

describe("status, anomalies and help", () => {
  test("status says what is read and that all is well", async () => {
    const text = await textOf("status");
    expect(text).toContain("checkout, orders-db");
    expect(text).toContain("Organisation: acme");
  });

  test("anomalies says that none is recorded", async () => {
    expect((await say("anomalies")).title).toBe("No anomalies");
    expect((await say("anomalies checkout state:open")).title).toBe("No anomalies of checkout");
  });

  test.each([
    ["Slack", SLACK],
    ["Discord", DISCORD],
    ["the web console", WEB],
  ])("help has room on %s, of all and of those under one word", async (_, limits) => {
    const words = new Set(app.core.catalogue.map(({ name }) => name.split(" ")[0]));
    for (const text of ["help", "", ...[...words].map((word) => `help ${word}`)])
      expect(fitCard(await say(text), limits).files).toEqual([]);
  });

  test("help lists every command, explains one, and is for the caller only", async () => {
    const text = await textOf("help");
    for (const { name } of app.core.catalogue)
      expect(text).toMatch(new RegExp(`[ ,\`]${name}(?:[\`,]|$)`, "m"));
    // Each has its place among the others that do the like.
    expect(text).not.toContain("More:");
    expect(await textOf("help analyze")).toContain("analyze checkout since:30m");
    expect(text).toContain('service:`the "new" worker`');
    expect(app.core.visibilityOf({ text: "help" })).toBe("caller");
    expect(app.core.visibilityOf({ text: "analyze checkout" })).toBe("channel");
    expect(app.core.visibilityOf({ text: "nonsense" })).toBe("caller");
  });
});

describe("what cannot be done gets one sentence", () => {
  test.each([
    [
      "analyze nosuch",
      'No service "nosuch" has logged anything in the last day. There are checkout, orders-db.',
    ],
    ["analyze chekout", "Did you mean checkout?"],
    ["analyze checkout since:soon", '"soon" is not a duration. Try 30m, 6h or 2d.'],
    ["analyze checkout since:0m", '"0m" is not a duration.'],
    ["analyze checkout since:30d", "30d is too long. The longest is 7d."],
    ["mute checkout 8d", "8d is too long. The longest is 7d."],
    ["analyze checkout namespace:moon", "checkout is not in moon, but in shop."],
    ["analyze", "analyze needs a service."],
    ["errors checkout level:loud", '"loud" is not a level of errors.'],
    ["search a", "Search for at least two."],
    ["anomalies state:maybe", '"maybe" is not a state.'],
    ["connect ../etc", "cannot be a Loki org id"],
    ["fly", 'There is no command "fly".'],
    ["analyze checkout service:orders-db", 'service was given twice, as "checkout" and as "orders-db"'],
    ["analyze checkout foo:bar", 'analyze has no option "foo". Usage: analyze <service>'],
    ["connect", "connect needs an org. Usage: connect <org> [code]"],
  ])("%s", async (typed, expected) => {
    const card = await say(typed, { platformAdmin: true });

    expect(card.tone).toBe("warning");
    expect(plainText(card)).toContain(expected);
  });
});

describe("who may do what", () => {
  test("connect is for admins, and only to organisations the operator allows", async () => {
    expect(await textOf("connect acme")).toContain("connect is for admins, and you are a responder.");
    expect(await textOf("connect secret", { platformAdmin: true, operator: true })).toContain("CONNECT_ORGS");
  });

  test("a workspace that is not connected sees nothing and is told how to connect", async () => {
    const told = plainText(cardOf((await stranger.type("status", { platformAdmin: true })).reply));
    expect(told).toContain("An admin connects it with: /loghunter connect org:<loki org id> code:<code>.");
    expect(cardOf((await stranger.type("help")).reply).title).toBe("What LogHunter can do");
  });

  test("a workspace of another tenant cannot use a button that was carried over", async () => {
    const { messageId } = await chat.type("analyze checkout since:20m");
    const answer = await chat.until(messageId, (card) => card.tone !== "working");
    await app.directory.connect({
      platform: "elsewhere",
      externalId: "T2",
      workspaceName: "T2",
      lokiOrgId: "other",
    });
    for (const { action } of answer.actions ?? []) {
      // This one opens a form, whose command is what somebody would have to be let through to.
      const isForm = action.name === "feedback.other";
      const { reply } = isForm
        ? await stranger.type(`feedback give wrong about:${action.subject.slice(0, 8)}`)
        : { reply: await stranger.press("m1", action) };
      expect(plainText(cardOf(reply))).toContain("is no longer kept");
    }
    expect(await stranger.answer(messageId, "show [1]")).toEqual({ kind: "silence" });
  });

  test("a button nobody made is refused", async () => {
    expect(plainText(cardOf(await chat.press("m1", { name: "nonsense", subject: "" })))).toContain(
      "another version of LogHunter",
    );
    expect(
      plainText(cardOf(await chat.press("m1", { name: "again", subject: "'; drop table tenants" }))),
    ).toContain("no longer kept");
  });
});

describe("suggestions", () => {
  const ask = (command: string, option: string, typed: string) =>
    app.core.suggest({
      place: { platform: "recording", workspace: "T1", channel: "general" },
      person: { id: "u1", name: "Ann", platformAdmin: false },
      command,
      option,
      typed,
    });

  test("are real services, namespaces and choices, best first", async () => {
    expect(await ask("analyze", "service", "")).toEqual(["checkout", "orders-db"]);
    expect(await ask("analyze", "service", "db")).toEqual(["orders-db"]);
    expect(await ask("analyze", "namespace", "")).toEqual(["shop"]);
    expect(await ask("analyze", "since", "1")).toEqual(["15m", "1h", "1d"]);
    expect(await ask("nonsense", "x", "")).toEqual([]);
  });
});
