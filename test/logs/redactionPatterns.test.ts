import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { hidePatternCommand } from "../../src/commands/redaction/set.ts";
import { type Pattern, readPattern } from "../../src/logs/redaction/patterns.ts";
import { createRedaction, redact } from "../../src/logs/redaction.ts";
import { leastMs } from "../support/leastMs.ts";

const TOKEN = ["ghp_", "FAKE", "a1b2c3d4e5f6g7h8i9j0k1l2m3n4"].join("");

describe("a tenant's own form of a secret", () => {
  test.each([
    ["CUST-########", "order of CUST-12345678, paid", "order of <redacted:custom>, paid"],
    ["CUST-########", "cust-12345678", "<redacted:custom>"],
    ["CUST-########", "CUST-123456789 XCUST-12345678", "CUST-123456789 XCUST-12345678"],
    ["acct_*", "id=acct_9f8e/x, next", "id=<redacted:custom>, next"],
    ["*@shop.example", "from 'bob@shop.example' to x", "from '<redacted:custom>' to x"],
    ["*.internal.corp", "at db1.internal.corp: down", "at <redacted:custom>: down"],
    ["E#####", "employee E12345 left", "employee <redacted:custom> left"],
    ["a*b*c*d9", "xa abcabcd9 abcd", "xa <redacted:custom> abcd"],
    ["Überweisung-##", "Überweisung-12 überweisung-123", "<redacted:custom> überweisung-123"],
    ["$[x]-*", "a $[x]-1 b", "a <redacted:custom> b"],
  ])("%s in %j", (pattern, text, redacted) => {
    const own = createRedaction({ extra: [read(pattern)] });
    expect(own.redact(text)).toBe(redacted);
    expect(own.redact(redacted)).toBe(redacted);
  });

  test("is not found in what stands for a secret already", () => {
    expect(createRedaction({ extra: [read("github")] }).redact(`a ${TOKEN} github`)).toBe(
      `${redact(`a ${TOKEN}`)} <redacted:custom>`,
    );
  });

  test.each([
    ["**#", "needs 3 characters"],
    ["ab", "needs 3 characters"],
    ["a b c", "has no blanks"],
    ["x".repeat(101), "at most 100 characters"],
  ])("cannot be %j", (pattern, why) => {
    expect(readPattern(pattern)).toContain(why);
  });

  test("takes no time, whatever it is and whatever it is looked for in", () => {
    const char = fc.constantFrom("a", "b", "*", "#", "-", "1", ".");
    fc.assert(
      fc.property(fc.array(char, { minLength: 3, maxLength: 100 }), char, (chars, repeated) => {
        const pattern = readPattern(chars.join(""));
        fc.pre(typeof pattern !== "string");
        const own = createRedaction({ extra: [pattern as Pattern] });
        const text = repeated.repeat(14_000);
        expect(leastMs(() => own.redact(text), 2)).toBeLessThan(100);
      }),
      { numRuns: 100 },
    );
  });
});

test("the examples of redaction hide do not hide themselves in help and in what was typed", () => {
  for (const example of hidePatternCommand().examples) {
    const pattern = read(example.replace("redaction hide ", ""));
    expect(createRedaction({ extra: [pattern] }).redact(example)).toBe(example);
  }
});

describe("what a tenant wants to see", () => {
  const own = createRedaction({ allowed: [read("noreply@shop.example"), read("*@public.example")] });

  test("stays, and the rest goes as always", () => {
    const text = `mail noreply@shop.example and info@public.example and bob@shop.example token=${TOKEN}`;
    expect(own.redact(text)).toBe(
      text.replace("bob@shop.example", "<redacted:email>").replace(TOKEN, "<redacted:github-token>"),
    );
  });

  test("is the whole of a value, not a part of it", () => {
    expect(own.redact("xnoreply@shop.example")).toBe("<redacted:email>");
  });
});

describe("numbers", () => {
  test("are the same for the same secret wherever and however it stands", () => {
    const numbered = createRedaction({ isNumbered: true });
    const [one, two] = ["q7RtFAKE9xLm2vKz", "w3ErFAKE8yNb5cJh"];
    expect(numbered.redact(`password=${one} token=${two}`)).toBe(
      "password=<redacted:password#1> token=<redacted:token#2>",
    );
    expect(numbered.redact(`{"password":"${two}","session":"${one}"}`)).toContain("<redacted:password#2>");
    expect(numbered.sampleOf(`curl -u bob:${one} https://x.example`)).toBe(
      "curl -u bob:<redacted:password#1> https://x.example",
    );
    expect(numbered.redact("call +49 30 1234567 or +49301234567")).toBe(
      "call <redacted:phone#3> or <redacted:phone#3>",
    );
  });

  test("begin anew with the next analysis, and stay when redacted again", () => {
    const text = "mail bob@shop.example";
    const [first, second] = [true, true].map((isNumbered) => createRedaction({ isNumbered }).redact(text));
    expect(first).toBe("mail <redacted:email#1>");
    expect(second).toBe(first);
    expect(redact(first as string)).toBe(first);
    expect(createRedaction({ isNumbered: true }).redact(first as string)).toBe(first);
  });

  test("and marks say nothing of the value after them", () => {
    // The mark's own word "key" made an id of the card's number.
    expect(redact("AKIAFAKEFAKEFAKEFAKE\n4111 1111 1111 1111")).toBe("<redacted:aws-key>\n<redacted:card>");
  });

  test("change nothing else", () => {
    const words = fc.constantFrom(
      ...[
        "password=",
        TOKEN,
        " ",
        "bob@shop.example",
        "4111 1111 1111 1111",
        "\n",
        "AKIAFAKEFAKEFAKEFAKE",
        "key: ",
      ],
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        const numbered = createRedaction({ isNumbered: true }).redact(text);
        expect(numbered.replace(/(<redacted:[\w-]+)#\d+>/g, "$1>")).toBe(redact(text));
      }),
      { numRuns: 1_000 },
    );
  });
});

function read(text: string): Pattern {
  const pattern = readPattern(text);
  if (typeof pattern === "string") throw new Error(pattern);
  return pattern;
}
