import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Person } from "../../src/chat/platform.ts";
import { createCountsSource, during, usual } from "../support/countsSource.ts";
import { until } from "../support/eventually.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const LAG = 60_000;
const ADMIN = { platformAdmin: true };

/** checkout fails from ten past twelve on for a quarter of an hour, and again at two. */
const FIRST = NOON + 10 * MINUTE;
const SECOND = NOON + 2 * HOUR;
const failing = usual(1, 60, 80);
const checkout = during(
  FIRST,
  FIRST + 15 * MINUTE,
  failing,
  during(SECOND, SECOND + 15 * MINUTE, failing, usual(1)),
);
const source = createCountsSource({ checkout, payments: usual(5), catalogue: usual(9) });

let nowMs = NOON + LAG;
let t: TestApp;

beforeAll(async () => {
  t = await openTestApp({
    logs: source,
    now: () => nowMs,
    watching: { lagMs: LAG, learnMs: 3 * 24 * HOUR },
  });
});
afterAll(() => t.close());

async function scanUntil(untilMs: number): Promise<void> {
  for (; nowMs - LAG < untilMs; nowMs += MINUTE) await t.app.scan();
}

/** Cards of alerts and notices that were posted, as they stand now. */
function posted(title: RegExp): Card[] {
  return [...t.chat.cards.values()].filter((card) => title.test(card.title));
}

async function said(text: string, by = ADMIN): Promise<string> {
  const { reply } = await t.chat.type(text, by);
  return reply.kind === "message" ? plainText(reply.card) : reply.kind;
}

describe("a tenant that is new", () => {
  test("is in shadow mode: what is detected is collected, and nothing of it is posted", async () => {
    await t.chat.type("channel alerts", ADMIN);
    await scanUntil(FIRST + 40 * MINUTE);
    expect(posted(/checkout: more errors/)).toEqual([]);

    const summary = await said("watch status");
    expect(summary).toContain("Shadow mode: 1 alert would have been posted in the last day");
    expect(summary).toMatch(/checkout.*more errors than usual/);
    expect(summary).toContain("Services watched: 3");
    expect(await said("anomalies checkout")).toMatch(/checkout.*in shadow mode, so nobody was told/s);
  });

  test("can be looked at by anybody, and goes live by an admin only", async () => {
    expect(await said("watch live", { platformAdmin: false })).toMatch(/admin/);
    const { reply, messageId } = await t.chat.type("watch status", ADMIN);
    const labels = reply.kind === "message" ? reply.card.actions?.map(({ label }) => label) : [];
    expect(labels).toEqual(["Go live", "More sensitive", "Less sensitive"]);
    const press = { name: "watch.live", subject: "" };
    expect(JSON.stringify(await t.chat.press(messageId, press, ADMIN))).toContain("Alerts are live");
    expect(JSON.stringify(await t.chat.press(messageId, press, ADMIN))).toContain("It was so already");
  });
});

describe("a tenant that is live", () => {
  test("gets an alert with the lines that prove it, which turns green when it is over", async () => {
    await scanUntil(SECOND + 4 * MINUTE);
    await until(() => posted(/^checkout: more errors/).length > 0);
    const [alert] = posted(/^checkout: more errors/) as [Card];
    const text = plainText(alert);
    expect(text).toMatch(/Observed: \d+ errors a minute/);
    expect(text).toContain("order … failed checkout-db does not answer");
    expect(text).not.toContain("hunter");
    expect(alert.body.some(({ kind }) => kind === "chart")).toBe(true);
    expect(alert.actions?.map(({ label }) => label)).toEqual([
      "Root cause",
      "Acknowledge",
      "Resolve",
      "Mute 1 h",
      "Mute 24 h",
      "Mute …",
      "Right",
      "Not an anomaly",
    ]);

    const [messageId] = [...t.chat.cards].find(([, { title }]) => /^checkout: more/.test(title)) as [
      string,
      Card,
    ];
    const press = async (by: Partial<Person>) => {
      const action = alert.actions?.find(({ label }) => label === "Acknowledge")?.action;
      const reply = await t.chat.press(messageId, action as { name: string; subject: string }, by);
      return reply.kind === "message" ? plainText(reply.card) : reply.kind;
    };
    await said("members role u9 viewer");
    expect(await press({ id: "u9", name: "Eve" })).toContain("you are a viewer");
    expect(await press(ADMIN)).toContain("You look into it");
    expect(await press({ id: "u2", name: "Bo" })).toContain("Ann looks into it");
    const shown = await t.chat.until(messageId, (card) => plainText(card).includes("Acknowledged: Ann, "));
    // That it is sent is written down a moment after it is shown.
    const once = async (text: string, isSo: RegExp) => {
      let listed = "";
      await until(
        async () => {
          listed = await said(text);
          return isSo.test(listed);
        },
        () => listed,
      );
      return listed;
    };
    expect(await once("anomalies checkout state:open", /told #general: sent/)).toMatch(
      /is usual.*; Ann looks into it since 2026-11-\d\d [\d:]+ UTC; told #general: sent$/m,
    );
    expect(shown.actions?.map(({ label }) => label)).not.toContain("Acknowledge");
    expect(shown.title).toMatch(/^checkout: more errors/);

    await scanUntil(SECOND + 40 * MINUTE);
    await until(() => posted(/^checkout: back to normal/).length > 0);
    expect(plainText(posted(/^checkout: back/)[0] as Card)).toContain("Acknowledged: Ann, ");
    expect(await press({ id: "u2", name: "Bo" })).toContain("Ann looks into it");
    expect(posted(/^checkout: (?!now)/)).toHaveLength(1);
    // An edit calls nobody: that it had become worse was said in its thread.
    expect(posted(/^checkout: now CRITICAL/)).toHaveLength(1);
    expect(plainText(posted(/^checkout: back/)[0] as Card)).toMatch(/Lasted: 15 min/);
    expect(await once("anomalies checkout", /told #general: sent\n/)).not.toContain("looks into it");
  });

  test("is muted by a press, which says who did it and until when, and is taken back by another", async () => {
    const [messageId, card] = [...t.chat.cards].find(([, { title }]) => /^checkout: back/.test(title)) as [
      string,
      Card,
    ];
    // The buttons of the message as it was before: somebody presses what they still see.
    const subject = card.actions?.find(({ label }) => label === "Right")?.action.subject ?? "";
    const press = async (name: string, by: Partial<Person> = ADMIN, of = subject) => {
      const reply = await t.chat.press(messageId, { name, subject: of }, by);
      return reply.kind === "message" ? plainText(reply.card) : reply.kind;
    };
    await said("members role u9 viewer");
    const viewer = { id: "u9", name: "Eve", platformAdmin: false };
    expect(await press("anomaly.mute1h", viewer)).toContain("you are a viewer");
    expect(await said("status")).not.toContain("Muted");
    expect(await press("anomaly.mute24h")).toMatch(/checkout: muted.*By: Ann/s);
    expect(await press("anomaly.mute1h")).toMatch(/checkout: muted.*By: Ann/s);
    const inAnHour = new Date(nowMs + HOUR).toISOString().slice(11, 16);
    expect((await said("status")).match(/checkout until.*/g)).toEqual([expect.stringContaining(inAnHour)]);
    expect(await press("anomaly.unmute")).toContain("not muted any more");
    expect(await press("anomaly.unmute")).toContain("checkout is not muted.");
    expect(await said("status")).not.toContain("Muted");

    const form = { kind: "press" as const, action: { name: "mute", subject } };
    expect(t.app.core.opensForm(form)).toBe(true);
    const place = { platform: "recording", workspace: "T1", channel: "general" };
    const person = { id: "u1", name: "Ann", platformAdmin: true };
    expect(
      await t.app.core.form({ ...form, id: "press-1", place, person, message: { place, id: messageId } }),
    ).toMatchObject({ form: { command: "mute", values: { service: "checkout" } } });
    expect(await press("anomaly.mute1h", ADMIN, "x")).toContain("no longer kept");
  });

  test("says what is no anomaly, hears what that changes, and takes it back", async () => {
    const [messageId, card] = [...t.chat.cards].find(([, { title }]) => /^checkout: back/.test(title)) as [
      string,
      Card,
    ];
    const subject = card.actions?.find(({ label }) => label === "Not an anomaly")?.action.subject ?? "";
    const press = (name: string) => t.chat.press(messageId, { name, subject }, ADMIN);
    expect(JSON.stringify(await press("anomaly.wrong"))).toMatch(/2\.0 times as rare/);
    expect(JSON.stringify(await press("anomaly.wrong"))).toMatch(/2\.0 times as rare/);
    expect(JSON.stringify(await press("anomaly.right"))).toMatch(/1\.4 times as common/);
    expect(JSON.stringify(await press("anomaly.unlabel"))).toContain("come as they did before");
    const gone = await t.chat.press(messageId, { name: "anomaly.right", subject: "x" }, ADMIN);
    expect(JSON.stringify(gone)).toContain("no longer kept");
  });
});

describe("how services are watched", () => {
  test("is said for all and for one, and told", async () => {
    expect(await said("watch settings sensitivity:low lines:20")).toMatch(/SAVED[\s\S]*low[\s\S]*20/);
    expect(await said("watch settings checkout minutes:3")).toMatch(/low \(as for all services\)[\s\S]*3/);
    expect(await said("watch settings checkout")).toMatch(/SETTINGS[\s\S]*Minutes in a row: 3/);
    expect(await said("watch settings checkout minutes:usual sensitivity:high")).toMatch(
      /high[\s\S]*1 \(as usual\)/,
    );
    expect(await said("watch settings sensitivity:usual lines:usual")).toMatch(/normal \(as usual\)/);
  });

  test.each([
    ["watch settings sensitivity:very", "is not a sensitivity. Use low, normal, high or usual."],
    ["watch settings lines:0", "Give a number from 1 to 1,000,000, or usual."],
    ["watch settings minutes:61", "Give a number from 1 to 60, or usual."],
    ["watch settings chekout minutes:2", "Did you mean checkout?"],
    ["watch maintenance checkout soon", '"soon" is not a duration. Try 30m, 6h or 2d.'],
    ["watch maintenance payments off", "There is no maintenance of payments."],
  ])("%s is answered with what to do", async (text, sentence) => {
    expect(await said(text)).toContain(sentence);
  });

  test("one step more or less sensitive is a press", async () => {
    const { messageId } = await t.chat.type("watch status", ADMIN);
    const press = async (name: string) =>
      JSON.stringify(await t.chat.press(messageId, { name, subject: "" }, ADMIN));
    expect(await press("watch.more")).toContain("Sensitivity: high");
    expect(await press("watch.more")).toContain("cannot be more sensitive");
    expect(await press("watch.less")).toContain("Sensitivity: normal");
  });
});

describe("what the watch itself sees", () => {
  test("that logs cannot be read is said once, after ten minutes", async () => {
    source.failure = new Error("no answer");
    const fromMs = nowMs;
    await scanUntil(fromMs + 8 * MINUTE);
    expect(posted(/cannot be read/)).toEqual([]);
    await scanUntil(fromMs + 30 * MINUTE);
    source.failure = undefined;
    await scanUntil(fromMs + 32 * MINUTE);
    await until(() => posted(/cannot be read/).length > 0);
    expect(posted(/cannot be read/)).toHaveLength(1);
  });

  test("in shadow mode the day is summed up once", async () => {
    await t.chat.type("watch shadow", ADMIN);
    await scanUntil(nowMs - LAG + 2 * MINUTE);
    // Answers to watch status look the same.
    const before = posted(/^Shadow mode: \d/).length;
    nowMs = Date.UTC(2026, 10, 25, 9, 1);
    await t.app.scan();
    await until(() => posted(/^Shadow mode: \d/).length > before);
    nowMs += MINUTE;
    await t.app.scan();
    expect(posted(/^Shadow mode: \d/)).toHaveLength(before + 1);
  });
});

describe("maintenance", () => {
  test("of a service is neither detected nor learnt, until it ends", async () => {
    expect(await said("watch maintenance catalogue 2h moving password=hunter2x")).toMatch(
      /NOT WATCHED[\s\S]*moving password=<redacted/,
    );
    expect(await said("watch maintenance catalogue off")).toContain("WATCHED");
  });
});
