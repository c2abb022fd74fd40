import { describe, expect, test } from "@jest/globals";
import { levelOfBareWord, levelOfNumber, levelOfSeverity, levelOfWord } from "../../src/logs/severity.ts";

describe("a level", () => {
  test.each([
    ["WARNING", "WARN"],
    ["err", "ERROR"],
    ["Severe", "ERROR"],
    ["crit", "CRITICAL"],
    ["emerg", "FATAL"],
    ["panic", "FATAL"],
    ["notice", "INFO"],
    ["E", "ERROR"],
    ["orders", undefined],
  ])("of the word %s is %s", (word, level) => expect(levelOfWord(word)).toBe(level));

  test.each([
    [10, "TRACE"],
    [30, "INFO"],
    [50, "ERROR"],
    [60, "FATAL"],
    [3, "ERROR"],
    [99, undefined],
    [2.5, undefined],
  ])("of the number %d is %s", (value, level) => expect(levelOfNumber(value)).toBe(level));

  test("of a syslog severity goes from emergency to debug", () => {
    expect([0, 2, 3, 4, 6, 7, 8].map(levelOfSeverity)).toEqual([
      "FATAL",
      "CRITICAL",
      "ERROR",
      "WARN",
      "INFO",
      "DEBUG",
      undefined,
    ]);
  });

  test("is not a word that seldom is one, where any word can stand", () => {
    expect(levelOfBareWord("fail")).toBeUndefined();
    expect(levelOfBareWord("config")).toBeUndefined();
    expect(levelOfBareWord("Warning")).toBe("WARN");
  });
});
