import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { TenantScope } from "../../src/tenancy/scope.ts";
import { createCountsSource, usual } from "../support/countsSource.ts";
import { until } from "../support/eventually.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const LAG = 60_000;
const ADMIN = { platformAdmin: true };
/** A day after the watch began: by then the usual kinds are known. */
const BEGIN = NOON + 25 * HOUR;

let nowMs: number;
let t: TestApp;
beforeEach(async () => {
  nowMs = NOON + LAG;
  const counted = createCountsSource({ checkout: usual(1, 60, 8), payments: usual(5), catalogue: usual(9) });
  const logs: typeof counted = {
    ...counted,
    async *lines(org, query) {
      for await (const line of counted.lines(org, query)) {
        const atMs = Number(line.atNs / 1_000_000n);
        const isOther = line.service === "checkout" && atMs >= BEGIN && atMs < BEGIN + 3 * MINUTE;
        yield isOther ? { ...line, text: "no route to the warehouse" } : line;
      }
    },
  };
  t = await openTestApp({ logs, now: () => nowMs, watching: { lagMs: LAG, learnMs: 26 * HOUR } });
  await t.app.scan();
  nowMs = BEGIN - 10 * MINUTE + LAG;
  await t.chat.type("channel alerts", ADMIN);
  await t.chat.type("channel policy severity:low", ADMIN);
});
afterEach(() => t.close());

async function scanUntil(untilMs: number): Promise<void> {
  for (; nowMs - LAG < untilMs; nowMs += MINUTE) await t.app.scan();
}

async function owed(where = "true"): Promise<number> {
  const scope = (await t.app.directory.findWorkspace("recording", "T1"))?.scope as TenantScope;
  const rows = await scope.query(
    `select from deliveries where tenant_id = $1 and kind = 'alert' and ${where}`,
    [scope.tenantId],
  );
  return rows.length;
}
/** What is still on its way counts as told. */
const refusals = (count: number) =>
  until(async () => (await owed("state = 'refused'")) === count, "the refusal");

const told = () => [...t.chat.cards.values()].filter(({ title }) => /^checkout: a new kind/.test(title));

test("a new kind of error that was found in shadow mode is told when the tenant goes live, though no line of it comes", async () => {
  await scanUntil(BEGIN + 5 * MINUTE);
  expect(told()).toEqual([]);
  await t.chat.type("watch live", ADMIN);
  await scanUntil(BEGIN + 8 * MINUTE);
  await until(
    () => told().length === 1,
    () => [...t.chat.cards.values()].map(({ title }) => title).join(" | "),
  );
});

test("a new kind of error whose channel took no messages is told once it is reached again, though no line of it comes", async () => {
  await t.chat.type("watch live", ADMIN);
  t.chat.refusePosts({ outcome: "refused", reason: "not installed", why: "token_revoked" });
  await scanUntil(BEGIN + 5 * MINUTE);
  await refusals(1);
  await scanUntil(BEGIN + 6 * MINUTE);
  t.chat.refusePosts(undefined);
  await t.app.core.reachAgain({ platform: "recording", workspace: "T1" });
  await scanUntil(BEGIN + 8 * MINUTE);
  await until(
    () => told().length === 1,
    () => [...t.chat.cards.values()].map(({ title }) => title).join(" | "),
  );
});

test("and also where it is reached again before the next scan", async () => {
  await t.chat.type("watch live", ADMIN);
  t.chat.refusePosts({ outcome: "later", afterMs: 200, why: "ratelimited" });
  await scanUntil(BEGIN + 5 * MINUTE);
  t.chat.refusePosts({ outcome: "refused", reason: "not in channel", why: "not_in_channel" });
  await refusals(1);
  t.chat.refusePosts(undefined);
  await t.app.core.reachAgain({ platform: "recording", workspace: "T1", channel: "general" });
  await scanUntil(BEGIN + 8 * MINUTE);
  await until(
    () => told().length === 1,
    () => [...t.chat.cards.values()].map(({ title }) => title).join(" | "),
  );
});
