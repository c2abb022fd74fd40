import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { plainText } from "../../src/chat/plainText.ts";
import { UserError } from "../../src/errors.ts";
import type { Ask, LogSource } from "../../src/logs/source.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

/** Reads until nobody waits any longer, as a source over far too much does. */
function untilAborted({ signal }: Ask): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error));
  });
}

let failure: Error | undefined;
/** How often it was asked since it fails. */
let asked = 0;
function fail(ask: Ask): Promise<never> {
  asked += 1;
  return failure === undefined ? untilAborted(ask) : Promise.reject(failure);
}

const endless: LogSource = {
  lines: (_, query) => ({ [Symbol.asyncIterator]: () => ({ next: () => fail(query) }) }),
  counts: (_, query) => fail(query),
  services: async () => [{ service: "checkout", namespace: "" }],
  namespaces: async () => [],
  linkTo: async () => undefined,
  health: async () => ({ ok: true, summary: "Far too much.", warnings: [] }),
};

let opened: TestApp;

beforeAll(async () => {
  opened = await openTestApp({ logs: endless, readLimitsMs: { command: 50, analysis: 80 } });
});
afterAll(() => opened.close());

async function cardOf(typed: string): Promise<string> {
  const { messageId } = await opened.chat.type(typed);
  return plainText(await opened.chat.until(messageId, (card) => card.tone !== "working"));
}

describe("logs that take too long to read", () => {
  test.each(["search anything", "errors checkout", "analyze checkout"])("are given up: %s", async (typed) => {
    failure = undefined;
    const text = await cardOf(typed);

    expect(text).toMatch(/Reading the logs took longer than .* s and was given up\. Ask for a shorter time/);
    expect(text).not.toContain("reference");
  });
});

test("what the person can put right about an analysis is said at once, not after three tries", async () => {
  failure = new UserError("These logs need a shorter time.");
  asked = 0;
  expect(await cardOf("analyze checkout")).toContain("These logs need a shorter time.");
  expect(asked).toBe(1);
});
