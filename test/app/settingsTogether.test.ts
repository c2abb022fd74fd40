import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { plainText } from "../../src/chat/plainText.ts";
import { createCountsSource, usual } from "../support/countsSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const admin = { platformAdmin: true };
let t: TestApp;
beforeAll(async () => {
  t = await openTestApp({ logs: createCountsSource({ checkout: usual(1) }) });
});
afterAll(() => t.close());

const said = async (text: string) => {
  const { reply } = await t.chat.type(text, admin);
  return reply.kind === "message" ? plainText(reply.card) : "";
};

test("what several say of the watch in one moment all holds afterwards", async () => {
  for (let round = 1; round <= 5; round++) {
    await Promise.all([
      said(`watch settings sensitivity:${round % 2 ? "high" : "low"}`),
      said(`watch settings lines:${20 + round}`),
      said(`watch settings minutes:${10 + round}`),
    ]);

    const now = await said("watch settings");
    expect(now).toContain(`Sensitivity: ${round % 2 ? "high" : "low"}`);
    expect(now).toContain(`Least lines: ${20 + round}`);
    expect(now).toContain(`Minutes in a row: ${10 + round}`);
  }
});
