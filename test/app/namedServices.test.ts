import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { plainText } from "../../src/chat/plainText.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const DAY_MS = 24 * 60 * 60_000;

let t: TestApp;
let nowMs = NOW_MS;

beforeAll(async () => {
  const named = ["API", "api", "order worker"].map((service) =>
    lineAt(NOW_MS - 1_000, "failed", { service }),
  );
  for (const namespace of ["eu", "us"])
    named.push(lineAt(NOW_MS - 1_000, "failed", { service: "ledger", namespace }));
  t = await openTestApp({ logs: createLinesSource(named), now: () => nowMs });
});
afterAll(() => t.close());

async function said(text: string): Promise<string> {
  const { reply } = await t.chat.type(text);
  return reply.kind === "message" ? plainText(reply.card) : reply.kind;
}

test("of two services whose names differ in case alone the one that was named is muted", async () => {
  expect(await said("mute api 1h")).toContain("api: muted");
  expect(await said("unmute API")).toContain("API is not muted");
  expect(await said("unmute api")).toContain("api: not muted any more");
});

test("what ends a mute or a maintenance can be typed as it is shown, also where a name has several words", async () => {
  for (const begun of ['mute "order worker" 1h', 'watch maintenance "order worker" 1h']) {
    const shown = /[Ee]nded by (.+(?: off|"))\./.exec(await said(begun))?.[1] ?? "";
    expect(shown).toContain('"order worker"');
    expect(await said(shown)).toMatch(/^\[(ALERTS ON|WATCHED)\] order worker: /);
  }
});

test("a service in several namespaces can be worked on, and one that has fallen silent meanwhile is watched again", async () => {
  expect(await said("watch maintenance ledger 7d move")).toContain("ledger: maintenance");
  expect(await said("watch maintenance nothing 1h")).toContain('No service "nothing"');
  nowMs += 2 * DAY_MS;
  expect(await said("watch maintenance nothing off")).toContain(
    "There is no maintenance of nothing. No service",
  );
  expect(await said("watch maintenance ledger off")).toContain("ledger: maintenance is over");
});
