import { afterAll, beforeAll, expect, test } from "@jest/globals";
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
const FIRST = NOON + HOUR;
const SECOND = NOON + 3 * HOUR;

/** checkout fails for an hour twice. */
const checkout = [FIRST, SECOND].reduce(
  (logged, begin) => during(begin, begin + HOUR, usual(1, 60, 80), logged),
  usual(1),
);
const counts = createCountsSource({ checkout, payments: usual(5), catalogue: usual(9) });
/** What somebody does while the lines of checkout are read, once. */
let meanwhile: (() => Promise<unknown>) | undefined;
const source: typeof counts = {
  ...counts,
  async *lines(org, query) {
    if (query.services?.includes("checkout")) {
      const act = meanwhile;
      meanwhile = undefined;
      await act?.();
    }
    yield* counts.lines(org, query);
  },
};

let nowMs = NOON + LAG;
let t: TestApp;
beforeAll(async () => {
  t = await openTestApp({
    logs: source,
    now: () => nowMs,
    watching: { lagMs: LAG, learnMs: 3 * 24 * HOUR },
  });
  await t.chat.type("channel alerts", ADMIN);
  await t.chat.type("watch live", ADMIN);
});
afterAll(() => t.close());

async function scanUntil(untilMs: number): Promise<void> {
  for (; nowMs - LAG < untilMs; nowMs += MINUTE) await t.app.scan();
}

function alerts(): string[] {
  return [...t.chat.cards.values()]
    .map(({ title }) => title)
    .filter((title) => /^checkout: more/.test(title));
}

test.each([
  ["is muted", FIRST, "mute checkout 3h", /Held back by mute: .*muted by Ann/, "unmute checkout"],
  ["is watched in shadow mode", SECOND, "watch shadow", /Held back by watch: .*shadow mode/, "watch live"],
])(
  "a service that %s while its lines are read is told of when that is over",
  async (_, atMs, act, why, over) => {
    const before = alerts().length;
    meanwhile = () => t.chat.type(act, ADMIN);
    await scanUntil(atMs + 10 * MINUTE);
    expect(meanwhile).toBeUndefined();
    const { reply } = await t.chat.type("explain checkout 5m", ADMIN);
    expect(plainText((reply as { card: Card }).card)).toMatch(why);
    expect(alerts()).toHaveLength(before);
    await t.chat.type(over, ADMIN);
    await scanUntil(atMs + 12 * MINUTE);
    await until(() => alerts().length === before + 1);
    await scanUntil(atMs + 2 * HOUR);
    // So that it turns green before the next one counts what is red.
    await until(() => alerts().length === 0);
  },
  120_000,
);
