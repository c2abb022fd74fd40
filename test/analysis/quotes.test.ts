import { describe, expect, test } from "@jest/globals";
import { checkRootCause } from "../../src/analysis/grounding/check.ts";
import { checkProse } from "../../src/analysis/grounding/discussion.ts";
import { groundsOf } from "../../src/analysis/grounding/evidence.ts";
import { ANALYST } from "../../src/analysis/prompt/rootCause.ts";
import { answerForm, packOf } from "../support/groundedPacks.ts";

const grounds = groundsOf(packOf(), [ANALYST, "EVIDENCE-q3Zr8TjVw0aB"]);
/** What holds of a sentence that names its evidence, which is what all are left out that do not. */
const sentencesOf = (said: string) =>
  checkProse(said.replace(/([.!?]?)$/, " [1]$1"), grounds, { maxChars: 500, allowedHosts: [] }).sentences.map(
    (one) => one.replace(/ \[1\](?=[.!?]?$)/, ""),
  );

describe.each([
  ["«", "»"],
  ["»", "«"],
  ["„", "“"],
  ["“", "”"],
  ["”", "”"],
  ["‟", "‟"],
  ["＂", "＂"],
  ["「", "」"],
  ["'", "'"],
  ["‘", "’"],
  ["''", "''"],
  ["`", "`"],
  ["``", "``"],
  ["``", "''"],
  ["```", "```"],
  ['"', ""],
  ["", '"'],
  ["“", ""],
])("a quote between %s and %s", (open, close) => {
  test("that stands nowhere is left out with its sentence", () => {
    expect(sentencesOf(`The log says ${open}nothing is wrong at all here${close} [1].`)).toEqual([]);
  });

  const whole =
    open === "" ? `${open}sorry, too many clients already${close} is what it says [1].` : undefined;
  test("that stands in the evidence stays", () => {
    const said = whole ?? `It logs ${open}sorry, too many clients already${close} [1].`;
    expect(sentencesOf(said)).toEqual([
      whole === undefined
        ? 'It logs "sorry, too many clients already" [1].'
        : '"sorry, too many clients already" is what it says [1].',
    ]);
  });
});

test.each([
  'The 5" disk says "nothing is wrong at all here" [1].',
  `The log says "${"nothing is wrong ".repeat(25)}" [1].`,
  "The log says 'all is well' [1].",
  "The log of the clients' pool says 'it isn't wrong at all' [1].",
])("nor is one missed beside other marks: %s", (said) => expect(sentencesOf(said)).toEqual([]));

test.each([
  "The clients' slots and the servers' limits are the same.",
  "It doesn't give the database's connections back, isn't it odd.",
  "Since the '90s the servers' pool has been of this size.",
  "It's the pool's limit that's reached, not the disk's.",
  "A rock 'n' roll of timeouts and errors follows.",
  "The 'idle' sessions hold it open.",
  "Sessions in the state 'idle in transaction' hold it open.",
])("an apostrophe is no quote: %s", (said) => expect(sentencesOf(said)).toEqual([said]));

describe("evidence that there is not", () => {
  test.each([
    "[99]",
    "[1 99]",
    "[1/99]",
    "[1 and 99]",
    "[#99]",
    "[evidence 99]",
    "[-1]",
    "[1.5]",
    "【99】",
    "［99］",
    "〔99〕",
    "[９９]",
    "[٩٩]",
    "(99)",
    "item 99",
    "evidence ９９",
    "evidence: 99",
    "evidence (99)",
    "evidence items 1 and 99",
  ])("is seen in %s", (named) => {
    expect(sentencesOf(`This rests on ${named} in the list.`)).toEqual([]);
    expect(
      checkRootCause(answerForm(`The pool is spent, which rests on ${named}.`), grounds, []).answer,
    ).toBeUndefined();
  });

  test.each([
    "It exits with (137) each time.",
    "HTTP (503) errors follow from it.",
    "It began at [10:15] sharp, as far as I see.",
    "As evidence 1 and 120 lines of it show, the pool is spent.",
    "See evidence 1, 3 minutes in, for the first of them.",
  ])("but not in other numbers: %s", (said) => expect(sentencesOf(said)).toEqual([said]));

  test("while what there is may be named in other digits and brackets", () => {
    const said = "The pool is spent 【１】.";
    expect(checkProse(said, grounds, { maxChars: 500, allowedHosts: [] }).cites).toEqual([1]);
  });
});

test("a sentence keeps its length with its quotes put back, and its last quote its end", () => {
  const many = Array.from({ length: 60 }, () => '"sorry, too many clients already"').join(" so ");
  const cause = checkRootCause(answerForm(`The pool is spent ${many} indeed`), grounds, []).answer?.rootCause;
  expect(cause?.length).toBeLessThanOrEqual(300);
  expect((cause?.match(/"/g) ?? []).length % 2).toBe(0);
});
