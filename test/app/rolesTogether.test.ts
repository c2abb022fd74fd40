import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { plainText } from "../../src/chat/plainText.ts";
import { createLinesSource } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const BOSS = { id: "boss", platformAdmin: true };
let t: TestApp;
beforeAll(async () => {
  t = await openTestApp({ logs: createLinesSource([]) });
});
afterAll(() => t.close());

const said = async (text: string, by: { id: string; platformAdmin?: boolean }) => {
  const { reply } = await t.chat.type(text, by);
  return reply.kind === "message" ? plainText(reply.card) : reply.kind;
};

test("of two admins who take the role from each other in one moment one stays an admin", async () => {
  for (let round = 0; round < 5; round++) {
    await said("members role ann admin", BOSS);
    await said("members role bob admin", BOSS);
    const both = await Promise.all([
      said("members role bob viewer", { id: "ann" }),
      said("members role ann viewer", { id: "bob" }),
    ]);
    expect(both.filter((text) => text.includes("Role changed"))).toHaveLength(1);
    const roles = await said("members list", BOSS);
    expect(roles.match(/(ann|bob).*\badmin\b/g)).toHaveLength(1);
  }
});
