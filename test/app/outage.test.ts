import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createCountsSource, during, usual } from "../support/countsSource.ts";
import { until } from "../support/eventually.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 24, 12);
const BEGINS = NOON + 10 * MINUTE;
const failing = during(BEGINS, BEGINS + 5 * MINUTE, usual(1, 60, 80), usual(1));
const source = createCountsSource({ checkout: failing, payments: usual(5), catalogue: usual(9) });

let nowMs = NOON;
let t: TestApp;

beforeAll(async () => {
  t = await openTestApp({
    logs: source,
    now: () => nowMs,
    watching: { lagMs: 0, learnMs: 24 * 60 * MINUTE },
  });
  await t.chat.type("channel alerts", { platformAdmin: true });
  await t.chat.type("watch live", { platformAdmin: true });
  await t.app.scan();
});
afterAll(() => t.close());

test("what began and ended while nobody watched is told as over", async () => {
  nowMs = NOON + 50 * MINUTE;
  await t.app.scan();
  const titles = () =>
    [...t.chat.cards.values()].map(({ title }) => title).filter((title) => /^checkout:/.test(title));
  await until(() => titles().includes("checkout: back to normal"));
  expect(titles()).toEqual(["checkout: back to normal"]);
});
