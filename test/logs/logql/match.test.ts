import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { matcherOf } from "../../../src/logs/logql/match.ts";
import { parseLogql } from "../../../src/logs/logql/parse.ts";
import type { LogLine } from "../../../src/logs/source.ts";

function line(text: string, rest: Partial<LogLine> = {}): LogLine {
  return { atNs: 0n, service: "checkout", namespace: "shop", level: undefined, text, ...rest };
}

function isFound(pipeline: string, text: string, rest?: Partial<LogLine>): boolean {
  return matcherOf(parseLogql(`{service_name="checkout"} ${pipeline}`))(line(text, rest));
}

describe("a selector on sources without labels", () => {
  test.each(["service_name", "service", "app", "job", "container"])("knows the service as %s", (name) => {
    for (const [selector, found] of [
      [`{${name}="checkout"}`, true],
      [`{${name}="check"}`, false],
      [`{${name}!="payments", namespace="shop"}`, true],
      [`{${name}=~"check|checkout"}`, true],
      [`{${name}=~"check", namespace="shop"}`, false],
      [`{${name}!~"check.*", namespace="shop"}`, false],
      [`{${name}=~".+", namespace=""}`, false],
    ] as const) {
      expect([selector, matcherOf(parseLogql(selector))(line("a"))]).toEqual([selector, found]);
    }
  });

  test.each(["level", "detected_level"])("compares %s as what it means", (name) => {
    const levels = [undefined, "FATAL", "ERROR", "WARN", "INFO"] as const;
    const found = (condition: string) =>
      levels.filter((level) =>
        matcherOf(parseLogql(`{service="checkout", ${name}${condition}}`))(line("a", { level })),
      );
    expect(found('="error"')).toEqual(["ERROR"]);
    expect(found('="Warning"')).toEqual(["WARN"]);
    expect(found('!="err"')).toEqual([undefined, "FATAL", "WARN", "INFO"]);
    expect(found('=""')).toEqual([undefined]);
    expect(found('="unknown"')).toEqual([undefined]);
    expect(found('="nonsense"')).toEqual([]);
    expect(found('=~"error|warn"')).toEqual(["ERROR", "WARN"]);
    expect(found('!~"error|warn|"')).toEqual(["FATAL", "INFO"]);
    expect(found('=~"ERROR"')).toEqual([]);
  });

  test("knows no other label, and says so", () => {
    expect(() => matcherOf(parseLogql('{service="a", pod="b"}'))).toThrow(
      'Log files have no label "pod": known are service_name, service, app, job, container, namespace, level and detected_level, and fields of a line after | json or | logfmt.',
    );
  });
});

describe("line filters", () => {
  test("tell upper from lower case, and take regular expressions as RE2 does", () => {
    expect(isFound('|= "Time"', "Timeout")).toBe(true);
    expect(isFound('|= "time"', "Timeout")).toBe(false);
    expect(isFound('|~ "(?i)time.ut$"', "a Timeout")).toBe(true);
    expect(isFound('|~ "^out"', "Timeout")).toBe(false);
    // A dot takes no line break, and ^ and $ are the ends of the whole entry.
    expect(isFound('|~ "a.b"', "a\nb")).toBe(false);
    expect(isFound('|~ "(?s)a.b"', "a\nb")).toBe(true);
    expect(isFound('|~ "a$"', "a\nb")).toBe(false);
    expect(isFound('|~ "\\\\pL{2}\\\\z"', "日本")).toBe(true);
    expect(isFound('|= ""', "a")).toBe(true);
    expect(isFound('!= ""', "a")).toBe(false);
  });

  test("take the line as decolorize leaves it", () => {
    expect(isFound('|= "an ERROR"', "an \u001b[31mERROR\u001b[0m")).toBe(false);
    expect(isFound('| decolorize |= "an ERROR"', "an \u001b[31mERROR\u001b[0m")).toBe(true);
  });

  test("refuse regular expressions that would keep all else waiting", () => {
    for (const pipeline of ['|~ "(a|ab|b|ba){1000}$"', '!~ "a{999}b" or "(x+y){501}"']) {
      expect(() => isFound(pipeline, "a")).toThrow("too large for log files");
    }
    expect(() => isFound('| json | a=~"b{1000}" or c!~".{1000}d"', "a")).toThrow("too large for log files");
    const text = "ab".repeat(50_000);
    const startMs = performance.now();
    expect(isFound('|~ "(?:a|ab|b|ba){160}$"', text)).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });

  test("take no longer for a regular expression that is made to take long", () => {
    const startMs = performance.now();
    expect(isFound('|~ "(a|a)*(a|aa)*b$"', "a".repeat(100_000))).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });

  test("agree with String.includes, in any chain", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "(", "\\", "\n", "é"), maxLength: 8 });
    const filter = fc.record({
      op: fc.constantFrom("|=", "!="),
      values: fc.array(fc.string({ unit: fc.constantFrom("a", "b", "(", "\\", "\n", "é"), maxLength: 2 }), {
        minLength: 1,
        maxLength: 3,
      }),
    });
    fc.assert(
      fc.property(text, fc.array(filter, { maxLength: 3 }), (said, filters) => {
        const pipeline = filters.map(
          ({ op, values }) => `${op} ${values.map((v) => JSON.stringify(v)).join(" or ")}`,
        );
        const expected = filters.every(
          ({ op, values }) => values.some((value) => said.includes(value)) === (op === "|="),
        );
        expect(isFound(pipeline.join(" "), said)).toBe(expected);
      }),
    );
  });
});

describe("fields of a line", () => {
  const JSON_LINE =
    '{"status":500,"id":12345678901234567890,"ok":true,"none":null,"took":"1.5s","size":"2 MB","list":[1,{"a":"]"}],' +
    '"http":{"method":"GET","2xx":{"n-o":"no"}},"text":"a \\"q\\" \\u00e9","empty":"","level":"error","s":-1.50e3}';

  test.each([
    ["status >= 500", true],
    ["status > 500", false],
    ["status = 500", true],
    ['status="500"', true],
    ['status=~"5.."', true],
    ['status=~"5."', false],
    ['id="12345678901234567890"', true],
    ['ok="true"', true],
    ['none=""', true],
    ["none > 0", false],
    ["missing > 0", false],
    ['missing=""', true],
    ['missing!="x"', true],
    ["took > 1s and took < 1600ms", true],
    ["took == 1500ms", true],
    ["took >= 1h", false],
    ["size == 2MB", true],
    ["size > 2MiB", false],
    ["size >= 1.9MB", true],
    ['http_method="GET"', true],
    ['http_2xx_n_o="no"', true],
    ['list=""', true],
    ['text="a \\"q\\" é"', true],
    ['s="-1.50e3"', true],
    ["s < -1499.5", true],
    ['level="error"', true],
    ['level="ERROR"', false],
    ['level_extracted="error"', true],
    ['service_name="checkout"', true],
    ['detected_level="warning"', true],
    // Loki lets pass what it cannot compare, and marks it.
    ["text > 5", true],
    ['text > 5 | __error__=""', false],
    ['text > 5 | __error__="LabelFilterErr"', true],
    ["status > 600 or took < 1s or size == 2MB", true],
    ["status > 600 or took > 1s, size == 3MB", false],
    ["(status > 600 or took > 1s), size == 2MB", true],
    ['status > 400 and status < 500 or ok="true"', true],
  ])("of JSON: %s", (filter, found) => {
    expect(isFound(`| json | ${filter}`, JSON_LINE, { level: "WARN" })).toBe(found);
  });

  test.each([
    ["status >= 500", true],
    ['msg="it \\"is\\" so" path="/a?b"', true],
    ['user_name="x"', true],
    ['took="1h2m" | took > 1h', true],
    ['bad=""', true],
    ['after="yes"', true],
    ['alone="" or alone="x"', true],
    ["alone > 1", false],
    ['__error__=""', true],
  ])("of logfmt: %s", (filter, found) => {
    const text =
      'ts=1 level=info alone status=503 msg="it \\"is\\" so" bad=a"b path=/a?b user.name=x =y took=1h2m after=yes';
    expect(isFound(`| logfmt | ${filter}`, text)).toBe(found);
  });

  test("of what is neither are not there, and the line is marked", () => {
    expect(isFound('| json | __error__="JSONParserErr"', "plain text")).toBe(true);
    expect(isFound('| json | __error__=""', '{"a":1')).toBe(false);
    expect(isFound('| json | __error__=""', '{"a":1}')).toBe(true);
    expect(isFound("| json | status >= 500", "plain text")).toBe(false);
    expect(isFound('| logfmt --strict | __error__="LogfmtParserErr"', 'a="b" c"d')).toBe(true);
    expect(isFound("| logfmt | a > 5", "a=")).toBe(false);
    expect(isFound("| logfmt --keep-empty | a > 5", "a=")).toBe(true);
    expect(isFound('| logfmt | a=""', 'x="open a=5')).toBe(true);
  });

  test("of several parsers are all there, and filters between them count", () => {
    expect(isFound('| json | logfmt | a="1"', '{"a":1}')).toBe(true);
    expect(isFound('|= "a" | json | a > 0 != "c" |~ "b"', '{"a":1,"b":2}')).toBe(true);
  });

  test("are what JSON.parse finds", () => {
    const key = fc.string({ unit: fc.constantFrom("a", "b", "_", "c"), minLength: 1, maxLength: 3 });
    const value = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", '"', "\\", "\n", "\0", "é", "😀", "\u2028", "{", "}") }),
      fc.integer(),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.dictionary(key, value, { minKeys: 1 }), fc.nat(), (record, seed) => {
        const [name = "", said] = Object.entries(record)[seed % Object.keys(record).length] ?? [];
        expect(
          isFound(`| json | ${name}=${JSON.stringify(String(said))}`, JSON.stringify(record, null, 1)),
        ).toBe(true);
      }),
    );
  });

  test("of any text whatever are found without an error", () => {
    const pieces = fc.array(
      fc.constantFrom("{", "}", "[", "]", '"', "\\", ":", ",", "a", "=", " ", "1", "null", "\n"),
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = `{"a":${parts.join("")}`;
        for (const parser of ["json", "logfmt"]) isFound(`| ${parser} | a > 1`, text);
      }),
    );
    expect(isFound("| json | a > 1", `${'{"a":'.repeat(50_000)}`)).toBe(false);
    expect(isFound("| json | b > 1", `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`)).toBe(false);
    expect(isFound('| json | b="1"', `{"a":"${"\\\\x".repeat(300_000)}","b":1}`)).toBe(true);
  });

  test.each([
    ['| line_format "{{.a}}"', '"line_format" is Loki\'s own'],
    ["| label_format a=b", '"label_format" is Loki\'s own'],
    ['| pattern "<a>"', '"pattern" is Loki\'s own'],
    ['| regexp "(?P<a>b)"', '"regexp" is Loki\'s own'],
    ["| unpack", '"unpack" is Loki\'s own'],
    ["| drop a", '"drop" is Loki\'s own'],
    ["| keep a", '"keep" is Loki\'s own'],
    ['|> "<_>"', '"|>" is Loki\'s own'],
    ['|= ip("::1")', '"ip" is Loki\'s own'],
    ['| json | a = ip("::1")', "do not understand ip()"],
    ['| json a="b"', "without names after it"],
    ["| logfmt --strict a", "without names after it"],
    ['| trace_id="a"', 'no label "trace_id" of their own: put | json or | logfmt before it'],
    ['| logfmt | x="a" | json | status_x > 5 | keep b', '"keep" is Loki\'s own'],
  ])("are not had by %s", (pipeline, words) => {
    expect(() => isFound(pipeline, "a")).toThrow(words);
  });

  test("need no parser where they are the line's own labels", () => {
    expect(isFound('| detected_level="error"', "a", { level: "ERROR" })).toBe(true);
    expect(isFound('| level=~"err.*|fatal" and namespace="shop"', "a", { level: "INFO" })).toBe(false);
  });
});
