import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { plainText } from "../../src/chat/plainText.ts";
import { createCountsSource, usual } from "../support/countsSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const admin = { platformAdmin: true };
let t: TestApp;
beforeAll(async () => {
  t = await openTestApp({ logs: createCountsSource({ checkout: usual(1) }) });
  await t.chat.type("channel alerts", admin);
});
afterAll(() => t.close());

const said = async (text: string) => {
  const { reply } = await t.chat.type(text, admin);
  return reply.kind === "message" ? plainText(reply.card) : "";
};

test("of two who change a channel's policy in one moment neither is told that it is saved where it is not", async () => {
  for (let round = 1; round <= 5; round++) {
    const [severity, flood] = await Promise.all([
      said(`channel policy severity:${round % 2 ? "high" : "low"}`),
      said(`channel policy flood:${20 + round}`),
    ]);
    const now = await said("channel policy");
    if (/SAVED/.test(severity ?? "")) expect(now).toMatch(round % 2 ? /HIGH and worse/ : /Severity: all/);
    if (/SAVED/.test(flood ?? "")) expect(now).toContain(`${20 + round} in ten minutes`);
    expect([severity, flood].join()).toContain("SAVED");
  }
});
