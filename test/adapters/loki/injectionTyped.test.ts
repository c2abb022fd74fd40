import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { CommandCall } from "../../../src/chat/call.ts";
import {
  expectSearched,
  type HostileChat,
  isBlank,
  isOwnQuery,
  openHostileChat,
  TITLED_VALUES,
} from "./hostileChat.ts";
import { ANY_SECRET, kept } from "./hostileTenants.ts";
import { inAnyCase } from "./sentQueries.ts";

let hostile: HostileChat;
beforeAll(async () => {
  hostile = await openHostileChat();
});
afterAll(() => hostile.close());

const ask = (call: CommandCall, admin = false) => hostile.ask(call, admin);
const named = (name: string, options: Record<string, string>) => ask({ name, options });

describe("typed into a line, or where something else is expected, it widens nothing:", () => {
  test.each(TITLED_VALUES)("%s", async (_, value) => {
    for (const text of [`search ${value}`, `search "${value}`, `search zz ${value}`]) {
      const answered = await ask({ text });
      if (!isOwnQuery(value)) expectSearched(answered);
    }
    for (const call of [
      { name: "search", options: { text: "zz error", level: value } },
      { name: "search", options: { text: "zz error", since: value } },
      { name: "search", options: { text: "zz error", filter: value } },
      { name: "errors", options: { service: "checkout", level: value } },
      { name: "filters save", options: { name: value, keywords: "zz" } },
      { name: "connect", options: { org: value } },
    ]) {
      // What is blank is not there.
      if (isBlank(value)) continue;
      const { card, requests } = await ask(call, true);
      const name = value.trim();
      expect(card.title).toBe(isSaved(call.name, name) ? `Filter ${name} saved` : "That did not work");
      expect(requests).toBe(0);
      if (isSaved(call.name, name)) await named("filters delete", { name });
    }
  });

  const isSaved = (command: string, name: string) =>
    command === "filters save" && /^[A-Za-z0-9_-]{1,50}$/.test(name);
});

describe("kept in a filter, it is looked for as a text:", () => {
  let kinds = 0;
  test.each(TITLED_VALUES)("%s", async (_, value) => {
    // A quote ends what is kept together, whatever stands before it.
    const keyword = value.replaceAll('"', "");
    const saved = await ask({ text: `filters save hostile zz "${keyword}"` }, true);
    if (saved.card.title === "That did not work") {
      expect(saved.requests).toBe(0);
      return;
    }
    kinds++;
    const run = await named("filters run", { name: "hostile" });
    expectSearched(run);
    // The database holds no NUL either, and what adapters put into copied lines is left out.
    const stored = kept(keyword).replaceAll("\u0000", "\ufffd").replaceAll("\u200b", "");
    expect(
      run.queries.map(({ stages }) => stages.flatMap((one) => (one.kind === "line" ? one.texts : []))),
    ).toEqual([["zz", stored].map(inAnyCase)]);
  });

  test("most of them can be kept", () => {
    expect(kinds).toBeGreaterThan(150);
  });
});

describe("an analysis of a service with a hostile name shows no secret of another:", () => {
  test.each([".+", "acme|globex", "(?i).*", "{}, x", "\\Q.*\\E"].map((value) => [value]))(
    "%s",
    async (value) => {
      const before = hostile.server.requests.length;
      const { reply, messageId } = await hostile.chat.type(`analyze service:"${value}"`);
      if (reply.kind !== "message") throw new Error("an analysis has a card");
      const card = await hostile.chat.until(messageId, ({ tone }) => tone !== "working");

      expect(JSON.stringify(card)).not.toMatch(ANY_SECRET);
      for (const { org } of hostile.server.requests.slice(before)) expect(org).toBe("acme");
    },
  );
});
