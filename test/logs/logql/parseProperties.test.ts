import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { UserError } from "../../../src/errors.ts";
import { parseLogql } from "../../../src/logs/logql/parse.ts";
import type { LogQuery } from "../../../src/logs/logql/query.ts";

/** Of all of Unicode, halves of surrogate pairs too. Not fast-check's own "binary", whose tables take seconds to build. */
const anyChar = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));

/** Anything at all, and often what closes, opens or joins something in LogQL. */
const anyValue = fc.oneof(
  fc.string({ unit: anyChar }),
  fc.string(),
  fc
    .array(
      fc.constantFrom('"', "`", "\\", "'", "}", "{", "|", "#", "\n", " or ", "[5m]", "“", "=~", "\0", "x"),
    )
    .map((parts) => parts.join("")),
);

/** Pieces of LogQL in any order: most are no query, and some nearly are. */
const anyPieces = fc
  .array(
    fc.constantFrom(
      ...[
        '{a="b"}',
        "{",
        "}",
        "a",
        '="b"',
        '=~"c"',
        ",",
        "|",
        "|=",
        "!=",
        "|~",
        "!~",
        "|>",
        '"x"',
        "`y`",
        '"',
        "`",
      ],
      ...[
        "(",
        ")",
        "[5m]",
        "or",
        "and",
        "json",
        "logfmt",
        "--strict",
        "drop",
        "unwrap",
        "label_format",
        "line_format",
      ],
      ...[
        "sum",
        "by",
        "ip(",
        "5",
        "5s",
        "5MB",
        "-",
        "+",
        ">=",
        "==",
        "=",
        "#",
        "\n",
        " ",
        "“",
        "”",
        "‘",
        "\\",
        "/*",
        "é",
      ],
    ),
    { maxLength: 14 },
  )
  .chain((pieces) => fc.constantFrom("", " ").map((gap) => pieces.join(gap)));

function read(text: string): LogQuery | undefined {
  try {
    return parseLogql(text);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return undefined;
  }
}

test("a value written as JSON comes back as it was, and changes nothing else", () => {
  fc.assert(
    fc.property(anyValue, anyValue, anyValue, (one, two, three) => {
      // Half a surrogate pair is no character to Go, nor to anything a query is sent through.
      const [a, b, c] = [one, two, three].map((value) => value.replace(/[\ud800-\udfff]/gu, "\ufffd"));
      const [x, y, z] = [one, two, three].map((value) => JSON.stringify(value));
      const query = parseLogql(`{first="1", name=${x}} |= ${y} or ${z} | json | field=${z} != ${x}`);
      expect(query.matchers).toEqual([
        { name: "first", op: "=", value: "1" },
        { name: "name", op: "=", value: a },
      ]);
      expect(query.stages).toMatchObject([
        { kind: "line", op: "|=", values: [b, c] },
        { name: "json" },
        { name: "label filter" },
        { kind: "line", op: "!=", values: [a] },
      ]);
    }),
    { numRuns: 1_000 },
  );
});

test("a value between quotes as it is ends in an error or stays within its text", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      // This is what nobody should do; where it reads, it reads as what stands there.
      const query = read(`{first="1"} |= \`${value}\``);
      if (query && !value.includes("`")) expect(query.stages).toHaveLength(1);
    }),
    { numRuns: 1_000 },
  );
});

test("whatever is typed, it is a query or an error for people", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyValue,
        anyPieces,
        anyPieces.map((end) => `{a="b"} ${end}`),
      ),
      (text) => {
        read(text);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("what was read reads the same again, takes stages, and can be counted as one", () => {
  let queries = 0;
  fc.assert(
    fc.property(anyPieces, (pieces) => {
      const query = read(`{a="b"} ${pieces}`);
      if (query === undefined) return;
      queries++;
      expect(parseLogql(query.text)).toEqual(query);
      const longer = parseLogql(`${query.text} | line_format "{{__line__}}"`);
      expect(longer.matchers).toEqual(query.matchers);
      expect(longer.stages.slice(0, -1)).toEqual(query.stages);
      expect(longer.stages.at(-1)).toEqual({
        kind: "other",
        name: "line_format",
        text: '| line_format "{{__line__}}"',
      });
      // What is appended stands outside of texts and comments, so that it ends the query.
      expect(() => parseLogql(`${query.text} [1m]`)).toThrow("a range in brackets belongs to a metric query");
      expect(() => parseLogql(`${query.text})`)).toThrow('not ")"');
    }),
    { numRuns: 3_000 },
  );
  expect(queries).toBeGreaterThan(50);
});
