import { describe, expect, test } from "@jest/globals";
import { UserError } from "../../../src/errors.ts";
import { parseLogql } from "../../../src/logs/logql/parse.ts";

function errorOf(text: string): string {
  try {
    parseLogql(text);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error(`read without an error: ${text}`);
}

function stagesOf(pipeline: string) {
  return parseLogql(`{a="b"} ${pipeline}`).stages;
}

describe("a log query in LogQL", () => {
  test("is taken apart into matchers and stages", () => {
    expect(parseLogql('{service_name="checkout"} |= "timeout" | json | status >= 500')).toEqual({
      text: '{service_name="checkout"} |= "timeout" | json | status >= 500',
      matchers: [{ name: "service_name", op: "=", value: "checkout" }],
      stages: [
        { kind: "line", op: "|=", values: ["timeout"] },
        { kind: "other", name: "json", text: "| json" },
        { kind: "other", name: "label filter", text: "| status >= 500" },
      ],
    });
  });

  test("has matchers of four kinds, and may end them with a comma", () => {
    const { matchers } = parseLogql('{a="b",_c1!="",d=~"e.+" , f!~`g|h`,}');
    expect(matchers.map(({ name, op, value }) => [name, op, value])).toEqual([
      ["a", "=", "b"],
      ["_c1", "!=", ""],
      ["d", "=~", "e.+"],
      ["f", "!~", "g|h"],
    ]);
  });

  test("has line filters, each with one text or several", () => {
    expect(stagesOf('|="a" or `b` OR "c" != "d" |~ "e|f" !~ "g" or "h"')).toEqual([
      { kind: "line", op: "|=", values: ["a", "b", "c"] },
      { kind: "line", op: "!=", values: ["d"] },
      { kind: "line", op: "|~", values: ["e|f"] },
      { kind: "line", op: "!~", values: ["g", "h"] },
    ]);
  });

  test.each([
    ["json", "| json"],
    ["json", '| JSON a, b="c.d[0]"'],
    ["logfmt", "| logfmt"],
    ["logfmt", '| logfmt --strict --keep-empty a, b="c"'],
    ["unpack", "| unpack"],
    ["decolorize", "| decolorize"],
    ["pattern", '| pattern "<ip> <_>"'],
    ["regexp", '| regexp "(?P<a>b)"'],
    ["line_format", '| line_format "{{.a}}"'],
    ["label_format", '| label_format a=b, c="{{.d}}"'],
    ["drop", '| drop a, b="c", d=~"e", f != "g"'],
    ["keep", "| keep a"],
    ["|>", '|> "<_> a" or "b"'],
    ["!>", '!> "a"'],
    ["ip", '|= ip("10.0.0.0/8")'],
    ["ip", '!= "a" or ip("::1")'],
    ["label filter", '| a="b"'],
    ["label filter", '| a=~"b" and c!~"d" or e!="f", g="h" i="j"'],
    ["label filter", "| (a==1 or (b>=-2.5e3, c<+4)) and d=5"],
    ["label filter", "| a>1h30m or b<=-5s or c=1d or d>2.5ms or e!=.5s"],
    ["label filter", "| a>5B or b<=1.5KiB or c==20MB or d=1k"],
    ["label filter", '| a=ip("10.0.0.1") or ip != ip("10.0.0.0/8")'],
    ["label filter", '| rate > 5 and count="3"'],
  ])("has a stage %s: %s", (name, text) => {
    expect(stagesOf(text)).toEqual([{ kind: "other", name, text }]);
  });

  test("reads Go's escapes, and none in backticks", () => {
    const value = (quoted: string) => parseLogql(`{a=${quoted}}`).matchers[0]?.value;
    expect(value(String.raw`"\a\b\f\n\r\t\v\\\""`)).toBe('\u0007\b\f\n\r\t\v\\"');
    expect(value(String.raw`"\x41\101\u00e9\U0001F600"`)).toBe("AAé😀");
    // Bytes that make up a character together, and one that makes none.
    expect(value(String.raw`"\xe6\x97\xa5|\377"`)).toBe("日|\ufffd");
    expect(value(String.raw`"\ud83d\ude00"`)).toBe("\ufffd\ufffd");
    expect(value('`\\n"\n`')).toBe('\\n"\n');
    for (const wrong of ["\\d", "\\'", "\\x4", "\\1", "\\400", "\\u12", "\\U00110000", "\\/", "\\`"]) {
      expect(errorOf(`{a="${wrong}"}`)).toContain("column 4: ");
    }
  });

  test("may stand in parentheses, over several lines and with comments, which are left out", () => {
    const text = '\n(( # one {\n{a="b # not one"} # two "\n |= `# nor this`#three\n)) # four';
    expect(parseLogql(text).text).toBe('{a="b # not one"} \n |= `# nor this`');
    expect(stagesOf('| json a # x\n, b="c" # d\n').at(0)).toMatchObject({ name: "json" });
    expect(stagesOf('| drop # a\n b # c\n, d="#e"').at(0)).toMatchObject({ text: '| drop \n b \n, d="#e"' });
  });

  test("may have the quotes and spaces that chat clients make of plain ones", () => {
    expect(parseLogql("{a=“b”}\u00a0|= „it’s so” or “c“")).toEqual({
      text: '{a="b"} |= "it’s so" or "c"',
      matchers: [{ name: "a", op: "=", value: "b" }],
      stages: expect.anything(),
    });
    expect(parseLogql("{a=“b”} |= “it’s”").stages).toEqual([{ kind: "line", op: "|=", values: ["it’s"] }]);
    expect(parseLogql('{a="b”}').text).toBe('{a="b"}');
    // What reads as it stands, stays as it stands.
    expect(parseLogql('{a="“b”"} |= `‘`').text).toBe('{a="“b”"} |= `‘`');
    expect(errorOf("{a=“b”} |= ‘c’")).toContain('column 12: a text stands in double quotes ("…")');
    // What is wrong stands behind a text that may hold them.
    expect(errorOf('{a="b"} |= "”" [1m]')).toContain("column 16: search takes one log query");
  });
});

describe("a query that cannot be read", () => {
  test("is told with its place, what was expected, and what stands there", () => {
    expect(errorOf('{service_name} |= "timeout"')).toBe(
      'That query cannot be read at line 1, column 14: "=" or another comparison is expected after "service_name", not "}". Here: {service_name▸} |= "timeout"',
    );
    expect(errorOf(`{a="b"}\n\t|= "${"日".repeat(40)}" oops and a lot more behind it`)).toMatch(
      /^That query cannot be read at line 2, column 48: .* Here: …日+" ▸oops and a lot more behi…$/,
    );
  });

  // Queries and places of ../shared/data/loki/parse-error-*.json; where Loki gives no place, ours stands.
  test.each([
    ['{a="abc"} hello', 1, 11],
    ['{a="日本語"} hello', 1, 11],
    ['{a="b"}\n  |= "x"\n  hello', 3, 3],
    ['{service_name="a\\d"}', 1, 15],
    ['{service_name="a\nb"}', 1, 15],
    ['{service_name="a}', 1, 15],
    ["{service_name='a'}", 1, 15],
    ['{service_name="a"} |= "x" hello', 1, 27],
    ['{service_name="a"', 1, 18],
    ['{сервис="a"}', 1, 2],
    ['{service_name="a"} | unwrap x', 1, 22],
    ['foo({service_name="a"}[1m])', 1, 1],
    ['|= "x"', 1, 1],
    ["", 1, 1],
    ["{}", 1, 1],
    ['{service_name=""}', 1, 1],
    ['{service_name=~".*"}', 1, 1],
    ['{service_name="a"} |~ "("', 1, 23],
    ['{service_name="a"} |~ "(?!x)"', 1, 23],
    ['{a="👩‍👩‍👧😀"} x', 1, 14],
  ])("is told where Loki tells it: %s", (text, line, column) => {
    expect(errorOf(text)).toContain(`at line ${line}, column ${column}: `);
  });

  test.each([
    'sum(rate({a="b"}[5m]))',
    'sum by (x) (count_over_time({a="b"}[5m]))',
    'count_over_time({a="b"}[5m])',
    'topk(3, rate({a="b"}[5m]))',
    '(sum(rate({a="b"}[5m])))',
    '{a="b"}[5m]',
    '{a="b"} |= "x" [5m]',
    '{a="b"} | json [5m] | x="y"',
    '{a="b"} | x > 5 [5m]',
    '{a="b"} or {c="d"}',
    '{a="b"} |= "x" or {c="d"}',
    '{a="b"} | x="y" or {c="d"}',
    '{a="b"} != {c="d"}',
    '{a="b"} > {c="d"}',
    '{a="b"} + 1',
    '{a="b"} {c="d"}',
    '{a="b"}) or ({c="d"}',
    '{a="b"} offset 5m',
    '{a="b"} | unwrap x',
    '1 + count_over_time({a="b"}[5m])',
    "vector(1)",
    'variants(count_over_time({a="b"}[5m])) of ({a="b"}[5m])',
  ])("is no log query: %s", (text) => {
    const message = errorOf(text);
    if (text.includes("}) or")) expect(message).toContain('not ")"');
    else
      expect(message).toContain('search takes one log query, such as {service_name="checkout"} |= "timeout"');
  });

  test.each([
    ["no label can match", "{}", "one label at least with a value that is not empty"],
    ["only what every stream fits", '{a=~"|x", b!="c", d!~"e"}', "one label at least"],
    ["a regular expression of another kind", '{a=~"(?<=b)c"}', "is none of RE2"],
    ["an open one in a stage", '{a="b"} | json | c=~"["', 'missing closing ]: "["'],
    ["a wrong one in a parser", '{a="b"} | regexp "*"', "is none of RE2"],
    ["a word of LogQL as a label", '{a="b"} | json | OFFSET="c"', '"OFFSET" is a word of LogQL'],
    ["a comment of another language", '{a="b"} /* c */', "join it to another"],
    ["an operator cut in two", '{a="b"} | = "c"', "a label's name or a stage such as json is expected"],
    ["a parenthesis too few", '{a="b"} | (c="d"', '")" is expected after the text "d", not the end'],
    ["a unit nobody knows", '{a="b"} | c > 5x', '"5x" is no number, duration (1m30s) or size (5MB)'],
    ["a text where an amount is due", '{a="b"} | c > "5"', 'not the text "5"'],
    ["a sign before a size", '{a="b"} | c > -5MB', 'a number is expected after "-"'],
    ["a wrong flag", '{a="b"} | logfmt --loose', '"--loose" is not known'],
    ["two commas", '{a="b",,c="d"}', "a label's name"],
    ["an empty stage", '{a="b"} | | json', 'expected after "|", not "|"'],
    ["a character zero", '{a="b\0"}', "a character zero"],
    ["an emoji between", '{a="b"} 😀', '"😀" is not expected outside of a text'],
  ])("has %s", (_what, text, words) => {
    expect(errorOf(text)).toContain(words);
  });

  test("has regular expressions that a few characters make very large", () => {
    const startMs = performance.now();
    for (const pattern of ["x{1000}".repeat(700), "(?:[^a]{2,40}b){500}", "\\\\pL{1000}".repeat(30)]) {
      expect(errorOf(`{a="b"} |~ "${pattern}"`)).toContain(
        "column 12: the regular expressions up to here are too large",
      );
    }
    expect(errorOf(`{a="b"}${' |~ "x{1000}"'.repeat(21)}`)).toContain("column 272: the regular expressions");
    expect(stagesOf(`|~ "${"[a-f0-9]{8}-".repeat(400)}"`)).toHaveLength(1);
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });

  test("has a class that is never closed", () => {
    const startMs = performance.now();
    for (const pattern of ["[:".repeat(2_450), "[".repeat(4_900), `${"[".repeat(4_900)}\\\\`])
      expect(errorOf(`{a="b"} |~ "${pattern}"`)).toContain("column 12: the regular expression is none");
    expect(performance.now() - startMs).toBeLessThan(5_000);
    const text = `{a="b"} |~ "${"[[:alpha:]x-z]{1000}".repeat(20)}"`;
    expect(parseLogql(text).text).toBe(text);
    expect(errorOf(`${text} |~ "[^]x]"`)).toContain("too large");
  });

  test("is too long, or nests too deeply", () => {
    const long = `{a="${"😀".repeat(4_994)}"}`;
    expect([...long]).toHaveLength(5_000);
    expect(parseLogql(long).text).toBe(long);
    expect(errorOf(`${long} `)).toContain("longer than 5,000 characters");
    expect(errorOf(`{a="b"} | ${"(".repeat(4_000)}`)).toContain("more than 100 parentheses");
    expect(errorOf(`${"(".repeat(4_900)}{a="b"}`)).toContain('")" is expected');
    expect(stagesOf(`| ${'a="b",'.repeat(700)}a="b"`)).toHaveLength(1);
  });
});
