import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type NewCall, reserveCall, settleCall, spentToday } from "../../src/models/calls.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const CALL: NewCall = {
  provider: "openai",
  model: "m",
  purpose: "root cause",
  inputTokens: 900,
  outputTokens: 100,
  costUsd: 0.01,
};

let t: TestTenants;
beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());
beforeEach(() => t.admin.query("delete from model_calls"));

const reserve = (call: Partial<NewCall> = {}, budget = {}) =>
  reserveCall(t.a.scope, { ...CALL, ...call }, budget);

describe("the day's budget", () => {
  test("is never overdrawn, however many ask at once", async () => {
    const asked = await Promise.all(Array.from({ length: 20 }, () => reserve({}, { dailyTokens: 5_000 })));

    expect(asked.filter((one) => "id" in one)).toHaveLength(5);
    expect((await spentToday(t.a.scope)).tokens).toBe(5_000);
  });

  test("holds for money too", async () => {
    const asked = await Promise.all(Array.from({ length: 10 }, () => reserve({}, { dailyUsd: 0.035 })));

    expect(asked.filter((one) => "id" in one)).toHaveLength(3);
  });

  test("counts what a process has begun and never finished, and not what was never sent", async () => {
    const first = await reserve();
    await reserve();
    if ("id" in first) await settleCall(t.a.scope, first.id, { sent: false, error: "it cannot be reached" });

    expect(await spentToday(t.a.scope)).toEqual({ tokens: 1_000, usd: 0.01, unpriced: 0, calls: 2 });
  });

  test("counts what the provider counted, once it has", async () => {
    const reserved = await reserve();
    const usage = { inputTokens: 700, cachedTokens: 500, outputTokens: 30 };
    if ("id" in reserved) await settleCall(t.a.scope, reserved.id, { usage, costUsd: 0.002, sent: true });

    expect(await spentToday(t.a.scope)).toEqual({ tokens: 730, usd: 0.002, unpriced: 0, calls: 1 });
  });

  test("adds up what is more than a number of one column can be", async () => {
    await reserve({ inputTokens: 1_500_000_000, outputTokens: 1_500_000_000 });

    expect((await spentToday(t.a.scope)).tokens).toBe(3_000_000_000);
    expect(await reserve({}, { dailyTokens: 3_000_000_500 })).toHaveProperty("spent");
  });

  test("says how much has no known price: that is not nothing", async () => {
    const reserved = await reserve({ costUsd: undefined });
    const usage = { inputTokens: 700, cachedTokens: 0, outputTokens: 30 };
    if ("id" in reserved) await settleCall(t.a.scope, reserved.id, { usage, costUsd: undefined, sent: true });

    expect(await spentToday(t.a.scope)).toEqual({ tokens: 730, usd: 0, unpriced: 1, calls: 1 });
  });

  test("begins anew at midnight UTC, and is each tenant's own", async () => {
    await reserve();
    await t.admin.query("update model_calls set created_at = now() - interval '1 day'");
    await reserveCall(t.b.scope, CALL, {});

    expect((await spentToday(t.a.scope)).calls).toBe(0);
  });
});
