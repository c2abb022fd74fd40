import { describe, expect, test } from "@jest/globals";
import { isAsking, isForBot } from "../../src/analysis/forBot.ts";
import type { Pack } from "../../src/evidence/pack.ts";

const PACK = { clusters: [{ service: "orders-db" }] } as unknown as Pack;

describe("in the thread of a root cause the bot", () => {
  test.each(["why?", "tell me more", "it is the database I think", "orders-db"])(
    "answers whoever is alone with it: %s",
    (text) => expect(isForBot({ text }, 1, PACK)).toBe(true),
  );

  test.each([
    "thanks!",
    "ok",
    "👍",
    "Great, thank you",
    "lol",
    "+1",
    "on it",
    "got it.",
    "thanks everyone",
    "thanks a lot, team!",
  ])("leaves what asks for nothing: %s", (text) => expect(isForBot({ text }, 1, PACK)).toBe(false));

  test.each([
    "when did it start",
    "what about checkout?",
    "show [2]",
    "orders-db",
    "and is it over now",
    "is that new?",
  ])("answers questions also where several people write: %s", (text) =>
    expect(isForBot({ text }, 2, PACK)).toBe(true),
  );

  test.each([
    "I will restart it",
    "the pool was raised yesterday",
    "rolling back now",
    "looks like Bob's change",
  ])("leaves people who talk to each other: %s", (text) => expect(isForBot({ text }, 2, PACK)).toBe(false));

  test.each(["lunch?", "no idea why", "wer war das", "look deeper", "and [2]"])(
    "takes for a question: %s",
    (text) => expect(isAsking(text)).toBe(true),
  );

  test("takes for none what states something", () => {
    expect(isAsking("lunch at twelve, everyone")).toBe(false);
  });

  test("answers whoever names it, and not what names somebody else", () => {
    expect(isForBot({ text: "the pool was raised", addresses: "bot" }, 5, PACK)).toBe(true);
    expect(isForBot({ text: "can you look at that?", addresses: "others" }, 1, PACK)).toBe(false);
  });
});
