import { describe, expect, test } from "@jest/globals";
import { readMentions, withMentions, withoutMentions } from "../../src/alerting/mentions.ts";
import type { Card } from "../../src/chat/card.ts";

describe("who is mentioned when it is CRITICAL", () => {
  test.each([
    ["<@U1>", ["U1"]],
    ["<@U1|ann>, <@W2>", ["U1", "W2"]],
    ["<@!123456789012345678>", ["123456789012345678"]],
    ["<@&123456789012345678>", ["&123456789012345678"]],
    ["<!subteam^S1>", ["&S1"]],
    ["<!subteam^S1|@on-call> <@U1>", ["&S1", "U1"]],
    ["U1,U1,&S1", ["U1", "&S1"]],
    ["you", ["you"]],
  ])("%s is read as %j", (typed, ids) => {
    expect(readMentions(typed)).toEqual(ids);
  });

  test.each([
    "@everyone",
    "everyone",
    "<!channel>",
    "<!here|here>",
    "here",
    "channel",
    "&everyone",
    "@ann",
    "<#C1>",
    "<@U1",
    "a@example.com",
    "x".repeat(41),
  ])("%s is refused in a sentence", (typed) => {
    expect(() => readMentions(typed)).toThrow(/can't be mentioned.*everybody at once is never mentioned/);
  });

  test("nobody, and more than ten, are refused", () => {
    expect(() => readMentions(" , ")).toThrow("Mention 1 to 10 people or groups");
    const eleven = Array.from({ length: 11 }, (_, at) => `U${at}`).join(",");
    expect(() => readMentions(eleven)).toThrow("Mention 1 to 10 people or groups");
  });

  test("is on the card of what is CRITICAL, and of nothing else", () => {
    const card: Card = { title: "checkout", tone: "critical", body: [] };
    const policy = { mention: ["U1", "&S1"] };
    expect(withMentions(card, policy, "CRITICAL")).toEqual({ ...card, mentions: ["U1", "&S1"] });
    expect(withMentions(card, policy, "HIGH")).toEqual(card);
    expect(withMentions(card, {}, "CRITICAL")).toEqual(card);
    expect(withoutMentions(withMentions(card, policy, "CRITICAL"))).toEqual(card);
  });
});
