import { describe, expect, test } from "@jest/globals";
import { levelOfLine } from "./detectedLevel.ts";
import { anyDuration, prometheusDuration, writeGoDuration, writePrometheusDuration } from "./durations.ts";
import { LineLabels } from "./lineLabels.ts";
import { parseQuery } from "./parse.ts";
import { re2 } from "./re2.ts";
import { compilePipeline, runSteps } from "./stages.ts";

/** What becomes of a line: its text and the labels it has got, or undefined where it is dropped. */
function run(stages: string, line: string, { labels = {}, metadata = {} } = {}) {
  const query = parseQuery(`{a="b"} ${stages}`);
  if (query.kind !== "log") throw new Error("no log query");
  const { passes, steps } = compilePipeline(query.stages);
  if (!passes(line)) return undefined;
  const all = new LineLabels(new Map(Object.entries(labels)), new Map(Object.entries(metadata)));
  const text = runSteps(steps, line, all);
  return text === undefined ? undefined : { text, ...Object.fromEntries(all.merged()) };
}

function refusal(query: string): string {
  try {
    parseQuery(query);
  } catch (problem) {
    return (problem as Error).message;
  }
  return "";
}

describe("stages", () => {
  test.each([
    ['|= "a"', "Ab", false],
    ['|= "a"', "ba", true],
    ['|= "a" or "b"', "xb", true],
    ['!= "a" or "b"', "xb", false],
    ['!= "a" or "b"', "xc", true],
    ['|= "a" |= "b"', "a", false],
    ["|~ `(?i)ERR`", "an err", true],
    ["!~ `^x$`", "x\n", true],
    ["|~ `a.b`", "a\nb", false],
    ["|~ `(?s)a.b`", "a\nb", true],
    ["|~ `(?m)^b$`", "a\nb\nc", true],
    ['|> "<_>level=<_> x"', "t level=info x", true],
    ['|> "level=<_> x"', "t level=info x", false],
  ])("%s on %j: %s", (stages, line, passes) => {
    expect(run(stages, line) !== undefined).toBe(passes);
  });

  test("json takes all fields, flattened, as they are written", () => {
    const line = '{"a":{"b-c":1.0,"d":[1,2]},"e":null,"f":true,"9g":"x\\u00e9\\n","h":"\\"","i":-1e3}';
    expect(run("| json", line)).toEqual({
      text: line,
      a_b_c: "1.0",
      f: "true",
      _9g: "xé\n",
      h: '"',
      i: "-1e3",
    });
  });

  test("json keeps what a line says beside what its stream says, and the fields before a fault", () => {
    const given = { labels: { level: "info" }, metadata: { trace_id: "m" } };
    expect(run("| json", '{"level":"warn","trace_id":"t"}', given)).toMatchObject({
      level: "info",
      level_extracted: "warn",
      trace_id: "m",
      trace_id_extracted: "t",
    });
    expect(run("| json", '{"x":"1","y":')).toMatchObject({ x: "1", __error__: "JSONParserErr" });
    expect(run('| json code="a.b", missing', '{"a":{"b":5}}')).toMatchObject({ code: "5", missing: "" });
  });

  test("logfmt takes pairs, quoted ones too, and leaves empty ones out", () => {
    const line = 'ts=1 msg="a \\"b\\"" err="" bare url=http://x/?a=b';
    expect(run("| logfmt", line)).toEqual({ text: line, ts: "1", msg: 'a "b"', url: "http://x/?a=b" });
    expect(run("| logfmt --keep-empty", "a= b=1")).toMatchObject({ a: "", b: "1" });
    expect(run('| logfmt m="msg"', 'msg="x" y=1')).toEqual({ text: 'msg="x" y=1', m: "x" });
  });

  test("regexp takes its named groups", () => {
    expect(run('| regexp "(?i)(?P<level>ERROR|WARN)"', "a warn b")).toMatchObject({ level: "warn" });
    expect(run('| regexp "(?P<n>\\\\d+)"', "none")).toEqual({ text: "none" });
  });

  test.each([
    ['n="5"', true],
    ["n=5", true],
    ["n==5.0", true],
    ["n>4 and n<6", true],
    ["n>5", false],
    ["n>=5, n<=5", true],
    ["n!=5 or n>4", true],
    ['(n>5 or n="5") and m=""', true],
    ['m="x"', false],
    ["m>1", false],
    ['n=~"[4-6]"', true],
    ['n=~"5|6" n!~"6"', true],
    ['n=~"."', true],
    ['n=~""', false],
    ["d>70ms", true],
    ["d>1m", false],
    ["s>1KB", true],
    ["s>=2KiB", false],
  ])("label filter %s: %s", (filter, passes) => {
    expect(run(`| logfmt | ${filter}`, "n=5 d=75.7ms s=1.5KB") !== undefined).toBe(passes);
  });

  test("a number that is none marks the line instead of dropping it", () => {
    expect(run("| logfmt | n > 5", "n=x")).toMatchObject({ n: "x", __error__: "LabelFilterErr" });
    expect(run('| logfmt | n > 5 | __error__=""', "n=x")).toBeUndefined();
  });

  test.each([
    ["`{{ __line__ | trunc 3 }}`", "abcdef", "abc"],
    ['"{{ __line__ | trunc 3 }}"', "ab", "ab"],
    ['"{{trunc -2 __line__}}|{{.n}}"', "abcdef", "ef|5"],
    ['"{{ .missing }}-{{ .n | upper }}"', "abc", "-5"],
    // By bytes: of a character cut through there is one U+FFFD a byte.
    ["`{{ __line__ | trunc 3 }}`", "aé€", "aé"],
    ["`{{ __line__ | trunc 5 }}`", "aé€", "aé\ufffd\ufffd"],
    ['"{{ __line__ | replace "a" "b" | lower }}"', "AaX", "abx"],
  ])("line_format %s of %j: %j", (template, line, text) => {
    // The quotes inside of a quoted template are escaped.
    const written = template.startsWith("`") ? template : JSON.stringify(template.slice(1, -1));
    expect(run(`| line_format ${written}`, line, { labels: { n: "5" } })?.text).toBe(text);
  });

  test("label_format, drop, keep and decolorize change labels and line", () => {
    const given = { labels: { a: "1", b: "2", c: "3" } };
    expect(run('| label_format x=a, y="{{.b}}!"', "l", given)).toEqual({
      text: "l",
      x: "1",
      y: "2!",
      b: "2",
      c: "3",
    });
    expect(run('| drop a, b="9"', "l", given)).toEqual({ text: "l", b: "2", c: "3" });
    expect(run("| keep a", "l", given)).toEqual({ text: "l", a: "1" });
    expect(run("| decolorize", "\u001b[31m\u001b[1mred\u001b[0m")).toEqual({ text: "red" });
  });
});

describe("regular expressions are RE2's", () => {
  test.each([
    ["a(?i)b", "aB", true],
    ["a(?i)b", "AB", false],
    ["(?i:ab)c", "ABc", true],
    ["(?i:ab)c", "ABC", false],
    ["(?i)straße", "STRAßE", true],
    ["[[:alpha:]]+$", "1ab", true],
    ["\\x{263a}", "☺", true],
    ["\\Qa.b\\E", "axb", false],
    ["\\pL", "é", true],
    ["\\s", "\u00a0", false],
    ["a{,2}", "a{,2}", true],
    ["^\\x1b\\[[0-9;]*m", "\u001b[1;31mx", true],
    ["a\\/b\\-c", "a/b-c", true],
    ["]}", "]}", true],
    ["[^\\d\\s]", "1 ", false],
    ["[\\-a]", "-", true],
  ])("%s on %j: %s", (pattern, text, matches) => {
    const expression = re2(pattern);
    expect("test" in expression && expression.test(text)).toBe(matches);
  });

  test.each([
    ["(", "missing closing ): `(`"],
    ["a)", "unexpected ): `a)`"],
    ["*a", "missing argument to repetition operator: `*`"],
    ["a**", "invalid nested repetition operator: `**`"],
    ["[a", "missing closing ]: `[a`"],
    ["(?=x)", "invalid or unsupported Perl syntax: `(?=`"],
    ["\\1", "invalid escape sequence: `\\1`"],
    ["a{1001}", "invalid repeat count: `{1001}`"],
    ["[b-a]", "invalid character class range: `b-a`"],
  ])("%s is refused: %s", (pattern, why) => {
    expect(re2(pattern)).toEqual({ why });
  });

  test("of labels they hold for the whole value, and the dot takes newlines", () => {
    const whole = re2("a|b.", { anchored: true, dotAll: true });
    const matches = (text: string) => "test" in whole && whole.test(text);
    expect([matches("a"), matches("ab"), matches("b\n"), matches("xb1")]).toEqual([true, false, true, false]);
  });
});

describe("queries", () => {
  test.each([
    ['{a="b"} |= |= "x"', "parse error at line 0, col 12: syntax error: unexpected |="],
    ['{a="b"} | json |', "parse error at line 1, col 17: syntax error: unexpected $end"],
    [
      'sum(count_over_time({a="b"}[1ns]))',
      'parse error at line 0, col 28: unknown unit "ns" in duration "1ns"',
    ],
    ['{a=~"("}', "parse error : error parsing regexp: missing closing ): `(`"],
    ['{a="b",}', "parse error at line 1, col 8: syntax error: unexpected }, expecting IDENTIFIER"],
    ['{a="b"}\u00a0|= "x"', "parse error at line 1, col 8: syntax error: unexpected IDENTIFIER"],
    ['{a="b\0"}', "parse error at line 1, col 4: invalid character NUL"],
    ['sum({a="b"})', "parse error at line 1, col 12: syntax error: unexpected )"],
  ])("%s is refused: %s", (query, why) => {
    expect(refusal(query)).toBe(why);
  });

  test.each([
    'sum by (a, b) (count_over_time({a="b"} | json | __error__="" [5m] offset 1ns))',
    'sum(rate({a="b"}[1h30m])) by (x)',
    'max without (pod) (bytes_over_time({a=~".+", b!=""}[250ms]))',
    'count_over_time(({a="b"} |= "x")[5m])',
    'count_over_time({a="b"}[5m] | logfmt)',
    '({a="b"} |= "x" # why\n | level="error")',
    '{level="x", duration="y"} | duration > 5ms',
  ])("%s is understood", (query) => {
    expect(refusal(query)).toBe("");
  });

  test("durations are read and written in both forms", () => {
    expect([
      anyDuration("1h0m5s"),
      anyDuration("250ms"),
      anyDuration("1ns"),
      anyDuration("1.5h"),
      anyDuration("1w2d"),
    ]).toEqual([3_605_000_000_000n, 250_000_000n, 1n, 5_400_000_000_000n, 777_600_000_000_000n]);
    expect(prometheusDuration("5s1m")).toEqual({ why: 'not a valid duration string: "5s1m"' });
    expect([writeGoDuration(2_678_400_000_000_000n), writeGoDuration(61_500_000_000n)]).toEqual([
      "744h0m0s",
      "1m1.5s",
    ]);
    expect([
      writePrometheusDuration(2_595_600_000_000_000n),
      writePrometheusDuration(604_800_000_000_000n),
    ]).toEqual(["30d1h", "1w"]);
  });
});

test.each([
  ['{"level":"ERROR"}', "error"],
  ['{"a":{"severity":"Warning"},"level":"info"}', "warn"],
  ['{"level":30,"msg":"x"}', "unknown"],
  ["ts=1 lvl=dbg", "debug"],
  ["level=nonsense err: x", "error"],
  ["2026 ERROR something failed", "unknown"],
  ["[ERROR] something failed", "error"],
  ["ERROR: information is missing", "info"],
  ["\u001b[31mERROR\u001b[39m mailer: x", "unknown"],
  ["CRITICAL: disk", "critical"],
])("Loki finds in %j the level %s", (line, level) => {
  expect(levelOfLine(line, undefined)).toBe(level);
});
