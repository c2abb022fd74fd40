import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createCountsSource, during, usual } from "../support/countsSource.ts";
import { until } from "../support/eventually.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const LAG = 60_000;
const ADMIN = { platformAdmin: true };
const FAILS_FOR = 20 * MINUTE;

/** checkout fails for twenty minutes five times. */
const begins = [1, 3, 5, 7, 9].map((hours) => NOON + hours * HOUR);
const checkout = begins.reduce(
  (logged, begin) => during(begin, begin + FAILS_FOR, usual(1, 60, 80), logged),
  usual(1),
);
const source = createCountsSource({ checkout, payments: usual(5), catalogue: usual(9) });
const [FIRST = 0, SECOND = 0, THIRD = 0, FOURTH = 0, FIFTH = 0] = begins;

let nowMs = NOON + LAG;
let t: TestApp;

beforeAll(async () => {
  t = await openTestApp({
    logs: source,
    now: () => nowMs,
    watching: { lagMs: LAG, learnMs: 3 * 24 * HOUR },
  });
  await t.chat.type("channel alerts", ADMIN);
});
afterAll(() => t.close());

async function scanUntil(untilMs: number): Promise<void> {
  for (; nowMs - LAG < untilMs; nowMs += MINUTE) await t.app.scan();
}

/** The titles of the alerts about checkout, as they stand. */
function told(): string[] {
  return [...t.chat.cards.values()]
    .map(({ title }) => title)
    .filter((title) => /^checkout: (more|back)/.test(title));
}

/** The same, once there are that many and the last one is as it is to be. */
async function titles(count: number, last: RegExp): Promise<string[]> {
  await until(
    () => told().length === count && last.test(told().at(-1) ?? ""),
    () => told().join(" | "),
  );
  return told();
}

const GREEN = "checkout: back to normal";
const RED = expect.stringMatching(/^checkout: more errors/);

test("what began in shadow mode is told when the tenant goes live, from its beginning to its end", async () => {
  await scanUntil(FIRST + 8 * MINUTE);
  expect(told()).toEqual([]);
  await t.chat.type("watch live", ADMIN);
  await scanUntil(FIRST + 10 * MINUTE);
  expect(await titles(1, /more errors/)).toEqual([RED]);
  await scanUntil(SECOND);
  expect(await titles(1, /back/)).toEqual([GREEN]);
});

test("who has been told hears of the end, also when nothing is posted any more", async () => {
  await scanUntil(SECOND + 8 * MINUTE);
  expect(await titles(2, /more errors/)).toEqual([GREEN, RED]);
  await t.chat.type("watch shadow", ADMIN);
  await scanUntil(THIRD);
  expect(await titles(2, /back/)).toEqual([GREEN, GREEN]);
  await t.chat.type("watch live", ADMIN);
});

test("what began while it was muted is told when that is over", async () => {
  await t.chat.type("mute checkout 3h", ADMIN);
  await scanUntil(THIRD + 8 * MINUTE);
  await t.chat.type("unmute checkout", ADMIN);
  await scanUntil(THIRD + 10 * MINUTE);
  expect(await titles(3, /more errors/)).toEqual([GREEN, GREEN, RED]);
});

test("what began and ended while it was muted is not told at all: nobody needs to hear that it is over", async () => {
  await scanUntil(FOURTH - 10 * MINUTE);
  expect(await titles(3, /back/)).toEqual([GREEN, GREEN, GREEN]);
  await t.chat.type("mute checkout 3h", ADMIN);
  await scanUntil(FOURTH + FAILS_FOR + 20 * MINUTE);
  await t.chat.type("unmute checkout", ADMIN);
  await scanUntil(FOURTH + HOUR);
  // The next one comes after whatever was owed of that.
  await scanUntil(FIFTH + 5 * MINUTE);
  expect(await titles(4, /more errors/)).toEqual([GREEN, GREEN, GREEN, RED]);
});
