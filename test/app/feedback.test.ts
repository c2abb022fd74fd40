import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Reply } from "../../src/chat/platform.ts";
import type { LogLine } from "../../src/logs/source.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import type { RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 29, 3);
const MINUTE = 60_000;

function every(service: string, level: string, text: string, fromMs: number, stepMs: number): LogLine[] {
  const count = Math.ceil((NOW_MS - fromMs) / stepMs);
  return Array.from({ length: count }, (_, i) =>
    lineAt(fromMs + i * stepMs, text, { service, level: level as "ERROR" }),
  );
}

/** orders-db fails in a known way; mailer complains as it always does; calm logs nothing that is wrong. */
const LINES = [
  ...every("orders-db", "INFO", "checkpoint complete", NOW_MS - 100 * MINUTE, 30_000),
  ...every("orders-db", "FATAL", "sorry, too many clients already", NOW_MS - 8 * MINUTE, 4_000),
].map((line) => ({ ...line, namespace: "shop" }));
const CHRONIC = every("mailer", "ERROR", "SMTP 450 mailbox unavailable", NOW_MS - 100 * MINUTE, 20_000).map(
  (line) => ({ ...line, namespace: "mail" }),
);
const CALM = every("calm", "INFO", "all is well", NOW_MS - 100 * MINUTE, 20_000).map((line) => ({
  ...line,
  namespace: "calm",
}));

let opened: TestApp;
let chat: RecordingPlatform;
let admin: pg.Client;
beforeAll(async () => {
  opened = await openTestApp({ logs: createLinesSource([...LINES, ...CHRONIC, ...CALM]), now: () => NOW_MS });
  ({ chat } = opened);
  admin = new pg.Client({ connectionString: opened.databaseUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await opened.close();
});

function cardOf(reply: Reply): Card {
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return reply.card;
}
let asked = 0;
async function analyze(service: string): Promise<{ messageId: string; card: Card; text: string }> {
  const { messageId } = await chat.type(`analyze ${service} since:${20 + asked++}m`);
  const card = await chat.until(messageId, ({ tone }) => tone !== "working");
  return { messageId, card, text: plainText(card) };
}
const labels = (card: Card) => card.actions?.map(({ label }) => label);
const subjectOf = (card: Card) =>
  card.actions?.find(({ action }) => action.name === "feedback.right")?.action.subject ?? "";
const give = async (typed: string, id: string) =>
  plainText(cardOf((await chat.type(`feedback give ${typed}`, { id })).reply));
/** The paragraphs of a card in their order: title, cause, and what comes next. */
const paragraphs = (text: string) => text.split("\n\n");

test("an answer without a cause can be judged, and what it was is shown when the same comes again", async () => {
  const { card } = await analyze("mailer");
  expect(card.badge).toBe("NOT ENOUGH EVIDENCE");
  expect(labels(card)).toEqual(["👍 Right", "👎 Not right", "Show lines", "Look again"]);

  const about = subjectOf(card).slice(0, 8);
  expect(await give(`wrong about:${about} cause:the relay was moved`, "u1")).toContain(
    'The answer "Not visible in these logs" was wrong. It was: the relay was moved',
  );
  const { text } = await analyze("mailer");

  expect(paragraphs(text)[2]).toMatch(
    /^At .* these logs did not show the cause; somebody said later that it was: the relay was moved \[\d+\]\.$/,
  );
  expect(text).not.toContain("Not visible in these logs. (confidence");
  const report = plainText(cardOf((await chat.type("feedback report")).reply));
  expect(report).toContain("1 answer was judged that names no cause: 0 of them rightly");
  const { rows } = await admin.query(
    "select names_cause, root_cause, provider, model, summary, evidence from analysis_results",
  );
  for (const row of rows) {
    expect(row).toMatchObject({
      names_cause: false,
      root_cause: "Not visible in these logs.",
      provider: "builtin",
    });
    expect(Object.values(row)).not.toContain(null);
  }
});

test("an answer without a cause is no root cause that a line is said to have had", async () => {
  const card = cardOf(await chat.answer((await analyze("mailer")).messageId, "did we have this before?"));

  expect(plainText(card)).toContain("the logs did not show the cause. It was: the relay was moved");
  expect(plainText(card)).not.toContain("confidence");
});

test("where there is no warning and no error, there is nothing to judge", async () => {
  expect(labels((await analyze("calm")).card)).toEqual(["Show lines", "Look again"]);
});

test("a root cause that was marked wrong says so at once when it is found again, and is less sure", async () => {
  const first = await analyze("orders-db");
  const sure = Number(/Confidence: \w+ \((0\.\d\d)\)/.exec(first.text)?.[1]);
  expect(first.card.badge).toBe("LIKELY CAUSE");
  expect(paragraphs(first.text)[1]).toBe(
    "orders-db: the database refuses connections because every slot is in use. (built-in analyzer)",
  );

  const said = await give(
    `wrong about:${subjectOf(first.card).slice(0, 8)} cause:"the reconciler leaked"`,
    "u1",
  );
  expect(said).toContain(
    'The answer "orders-db: the database refuses connections because every slot is in use" was wrong. It was: the reconciler leaked',
  );
  // Each look adds an analysis that nobody judged: the one somebody did judge must not drown among them.
  for (let at = 0; at < 3; at++) await analyze("orders-db");
  const { text, card } = await analyze("orders-db");

  expect(paragraphs(text)[2]).toMatch(
    /^Somebody marked the same answer, given at .*, wrong\. It was: the reconciler leaked \[(\d+)\]\.$/,
  );
  expect(text).toMatch(
    new RegExp(`\\[${/leaked \[(\d+)\]/.exec(text)?.[1]}\\] orders-db: this was looked into before`),
  );
  expect(Number(/Confidence: [\w ]+ \((0\.\d\d)\)/.exec(text)?.[1])).toBeCloseTo(sure / 2, 1);
  expect(text).toContain("somebody has marked the same answer wrong before");
  expect(card.badge).toBe("POSSIBLE CAUSE");
});

test("who found it right stands against who found it wrong", async () => {
  const again = await analyze("orders-db");
  const about = subjectOf(again.card).slice(0, 8);
  for (const id of ["u2", "u3"]) await give(`right about:${about}`, id);

  const { text } = await analyze("orders-db");

  // (1 + 2 right) of (1 + 3 verdicts).
  expect(Number(/Confidence: [\w ]+ \((0\.\d\d)\)/.exec(text)?.[1])).toBeGreaterThan(0.5);
  expect(text).toContain("wrong. It was: the reconciler leaked [3]. 2 people said that it was right.");
  expect(text).not.toContain("had this before");
  const { rows } = await admin.query(
    "select count(distinct stated_confidence)::int as stated from analysis_results where names_cause and stated_confidence is not null",
  );
  // What confidence is fitted by is what the evidence carries, whatever people said of this one.
  expect(rows).toEqual([{ stated: 1 }]);
});
