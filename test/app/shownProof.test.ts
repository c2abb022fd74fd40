import { afterEach, expect, test } from "@jest/globals";
import type { Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { createCountsSource, during, usual } from "../support/countsSource.ts";
import { until } from "../support/eventually.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const LAG = 60_000;
const ADMIN = { platformAdmin: true };

let nowMs = NOON + LAG;
let t: TestApp;
afterEach(() => t.close());

async function scanUntil(untilMs: number): Promise<void> {
  for (; nowMs - LAG < untilMs; nowMs += MINUTE) await t.app.scan();
}

test("an alert goes on showing what proves it where the lines cannot be read as it gets worse and ends", async () => {
  const at = NOON + 10 * MINUTE;
  const worse = during(at + 8 * MINUTE, at + 20 * MINUTE, usual(1, 60, 900), usual(1));
  const source = createCountsSource({
    checkout: during(at, at + 8 * MINUTE, usual(1, 60, 25), worse),
    payments: usual(5),
    catalogue: usual(9),
  });
  t = await openTestApp({ logs: source, now: () => nowMs, watching: { lagMs: LAG, learnMs: 26 * HOUR } });
  await t.chat.type("channel alerts", ADMIN);
  await t.chat.type("watch live", ADMIN);
  await t.chat.type("deploy checkout v9", ADMIN);
  const alert = () => [...t.chat.cards.values()].find(({ title }) => /^checkout: (more|back)/.test(title));
  const kinds = () => alert()?.body.map(({ kind }) => kind);
  const buttons = () => alert()?.actions?.map(({ action }) => action.name);
  const facts = () =>
    (alert() as Card).body.flatMap((block) =>
      block.kind === "facts" ? block.facts.map(({ label }) => label) : [],
    );

  await scanUntil(at + 6 * MINUTE);
  await until(() => alert() !== undefined);
  expect(kinds()).toEqual(["facts", "chart", "items"]);
  source.lineFailure = new Error("the lines are too many");
  await scanUntil(at + 14 * MINUTE);
  await until(() => alert()?.badge === "CRITICAL");
  expect(kinds()).toEqual(["facts", "chart", "items"]);
  expect(buttons()).toContain("rootcause");
  expect(facts()).toContain("Last deploy");
  await scanUntil(at + 40 * MINUTE);
  await until(() => alert()?.badge === "RESOLVED");
  expect(kinds()).toEqual(["facts", "chart", "items"]);
  expect(buttons()).not.toContain("rootcause");
});

test("an alert of which nothing was read, because somebody went live while it was found, does not blame the log source", async () => {
  const at = NOON + 10 * MINUTE;
  const source = createCountsSource({
    checkout: during(at, at + 20 * MINUTE, usual(1, 60, 90), usual(1)),
    payments: usual(5),
    catalogue: usual(9),
  });
  nowMs = NOON + LAG;
  t = await openTestApp({ logs: source, now: () => nowMs, watching: { lagMs: LAG, learnMs: 26 * HOUR } });
  await t.chat.type("channel alerts", ADMIN);
  await scanUntil(at);
  source.holdUp = () => t.chat.type("watch live", ADMIN);
  const alert = () => [...t.chat.cards.values()].find(({ title }) => title.startsWith("checkout: more"));
  nowMs = at + 5 * MINUTE + LAG;
  await t.app.scan();
  source.holdUp = undefined;
  await until(() => alert() !== undefined);
  expect(plainText(alert() as Card)).toContain("Its lines were not read for this message");
  expect(plainText(alert() as Card)).not.toContain("log source");
});
