import { describe, expect, test } from "@jest/globals";
import { isDestructive } from "../../src/analysis/grounding/destructive.ts";
import { checkProse } from "../../src/analysis/grounding/discussion.ts";
import { groundsOf } from "../../src/analysis/grounding/evidence.ts";
import { withoutForeignLinks } from "../../src/analysis/grounding/links.ts";
import { plainMarks, quotedIn } from "../../src/analysis/grounding/marks.ts";
import { numbersIn, withoutNumbers } from "../../src/analysis/grounding/numbers.ts";
import { parseForm } from "../../src/analysis/grounding/parse.ts";
import { neutral } from "../../src/analysis/prompt/neutral.ts";
import { ANALYST, rootCauseForm } from "../../src/analysis/prompt/rootCause.ts";
import { packOf } from "../support/groundedPacks.ts";
import { leastMs } from "../support/leastMs.ts";

const grounds = groundsOf(packOf(), [ANALYST]);
const of = (part: string, chars = 100_000) => part.repeat(Math.ceil(chars / part.length)).slice(0, chars);

const WORK: [name: string, work: (text: string) => unknown][] = [
  ["numbers", (text) => [numbersIn(text), withoutNumbers(text)]],
  ["quotes", (text) => quotedIn(plainMarks(text))],
  ["links", (text) => withoutForeignLinks(text, [])],
  ["prose", (text) => checkProse(text, grounds, { maxChars: 500, allowedHosts: [] })],
  ["marks of templates", neutral],
];
const PARTS = [
  " ",
  "\n",
  "[",
  "[1,",
  "[1] ",
  "evidence ",
  '"',
  "'",
  "`",
  "``",
  "http://",
  "//a.",
  "a.",
  "[a](",
  "<a_",
  "[A_",
  "/",
  "§1§",
];

describe.each(WORK)("long texts take no longer than their length: %s", (_, work) => {
  test.each(PARTS)("of %j", (part) => {
    expect(leastMs(() => work(of(part)), 2)).toBeLessThan(400);
  });
});

test.each(["\n", " ", "`", "```json", "```\n", "{", '{"a":'])(
  "an answer that opens a fence and goes on with %j",
  (part) => {
    const text = `\`\`\`${of(part, 59_990)}`;
    expect(leastMs(() => parseForm(text, rootCauseForm), 2)).toBeLessThan(300);
  },
);

test.each([
  "find ",
  "aws ",
  "kubectl -n x ",
  "delete all ",
  "curl ",
  "> /",
  "rm -",
  "update a set ",
  "truncate ",
])("an advice of 60,000 characters of %j", (part) => {
  expect(leastMs(() => isDestructive(of(part, 60_000)), 2)).toBeLessThan(600);
});
