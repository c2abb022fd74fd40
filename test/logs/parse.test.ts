import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type ParsedLine, parseLine } from "../../src/logs/parse.ts";
import { leastMs } from "../support/leastMs.ts";

const clock = { nearMs: Date.UTC(2026, 10, 24, 12), offsetMinutes: 0 };
const AT = "2026-11-24T03:04:05";

function ns(iso: string, nanos = 0): bigint {
  return BigInt(Date.parse(iso)) * 1_000_000n + BigInt(nanos);
}

type Expected = Partial<Omit<ParsedLine, "atNs">> & { at?: string };

/** Lines as the programs write them. */
const LINES: readonly [program: string, line: string, expected: Expected][] = [
  [
    "plain ISO",
    "2026-11-24T03:04:05.123Z INFO starting",
    { at: `${AT}.123Z`, level: "INFO", message: "starting" },
  ],
  [
    "Logback",
    "2026-11-24 03:04:05,123 [http-nio-8080-exec-1] ERROR com.shop.Orders - Could not place order 12",
    { at: `${AT}.123Z`, level: "ERROR", message: "Could not place order 12" },
  ],
  [
    "Spring Boot",
    "2026-11-24T03:04:05.123+02:00  ERROR 1 --- [app] [nio-8080-exec-1] c.e.shop.Orders  : Failed to place",
    { at: "2026-11-24T01:04:05.123Z", level: "ERROR", message: "Failed to place" },
  ],
  [
    "klog",
    "E1124 03:04:05.123456    1 leader.go:330] error retrieving resource lock",
    { format: "klog", level: "ERROR", message: "error retrieving resource lock" },
  ],
  [
    "RFC 3164 with a priority",
    "<34>Oct 11 22:14:15 mymachine su[12]: 'su root' failed",
    {
      format: "syslog",
      at: "2026-10-11T22:14:15Z",
      level: "CRITICAL",
      service: "su",
      message: "'su root' failed",
    },
  ],
  [
    "RFC 3164 without one",
    "Nov 24 03:04:05 web-1 sshd[123]: Failed password for root",
    {
      format: "syslog",
      at: `${AT}Z`,
      level: undefined,
      service: "sshd",
      message: "Failed password for root",
    },
  ],
  [
    "RFC 5424",
    '<165>1 2026-11-24T03:04:05.003Z host evntslog 8710 ID47 [x@1 a="b]"] An event',
    { format: "syslog", at: `${AT}.003Z`, level: "INFO", service: "evntslog", message: "An event" },
  ],
  [
    "nginx access",
    '10.0.0.1 - - [24/Nov/2026:03:04:05 +0000] "GET / HTTP/1.1" 500 12 "-" "curl/8"',
    { at: `${AT}Z`, level: undefined, message: '"GET / HTTP/1.1" 500 12 "-" "curl/8"' },
  ],
  [
    "nginx error",
    "2026/11/24 03:04:05 [error] 12#12: *3 upstream timed out (110: Connection timed out)",
    { at: `${AT}Z`, level: "ERROR", message: "upstream timed out (110: Connection timed out)" },
  ],
  [
    "Apache",
    "[Tue Nov 24 03:04:05.123456 2026] [core:error] [pid 1:tid 2] [client 1.2.3.4:5] AH00126: Invalid URI",
    { level: "ERROR", message: "AH00126: Invalid URI" },
  ],
  [
    "PostgreSQL",
    '2026-11-24 03:04:05.123 UTC [123] app@shop FATAL:  password authentication failed for user "app"',
    { at: `${AT}.123Z`, level: "FATAL", message: 'password authentication failed for user "app"' },
  ],
  [
    "PostgreSQL's LOG",
    "2026-11-24 03:04:05.123 UTC [1] LOG:  database system is ready",
    { level: "INFO", message: "database system is ready" },
  ],
  [
    "Redis' #",
    "123:M 24 Nov 2026 03:04:05.123 # Out of memory",
    { at: `${AT}.123Z`, level: "WARN", message: "Out of memory" },
  ],
  ["Redis' *", "1:C 24 Nov 2026 03:04:05.123 * Ready to accept connections", { level: "INFO" }],
  [
    "Python's logging",
    "2026-11-24 03:04:05,123 - shop.orders - ERROR - cannot place",
    { level: "ERROR", message: "cannot place" },
  ],
  [
    "Python's basicConfig",
    "ERROR:root:cannot place",
    { at: undefined as never, level: "ERROR", message: "cannot place" },
  ],
  [
    "Celery",
    "[2026-11-24 03:04:05,123: ERROR/MainProcess] Task failed",
    { at: `${AT}.123Z`, level: "ERROR", message: "Task failed" },
  ],
  [
    "Ruby",
    "E, [2026-11-24T03:04:05.123 #123] ERROR -- : boom",
    { at: `${AT}.123Z`, level: "ERROR", message: "boom" },
  ],
  [
    "env_logger",
    "[2026-11-24T03:04:05Z ERROR shop::orders] boom",
    { at: `${AT}Z`, level: "ERROR", message: "boom" },
  ],
  [
    "MySQL",
    "2026-11-24T03:04:05.123Z 12 [ERROR] [MY-010119] [Server] Aborting",
    { level: "ERROR", message: "Aborting" },
  ],
  [
    "Elasticsearch",
    "[2026-11-24T03:04:05,123][ERROR][o.e.b.Node] [n1] stopping",
    { level: "ERROR", message: "stopping" },
  ],
  [
    "RabbitMQ",
    "2026-11-24 03:04:05.123456+00:00 [error] <0.123.0> closing",
    { level: "ERROR", message: "closing" },
  ],
  [
    "loguru",
    "2026-11-24 03:04:05.123 | ERROR    | shop:place:12 - boom",
    { level: "ERROR", message: "boom" },
  ],
  [".NET's console", "fail: Shop.Orders[0]\n      Boom", { level: "ERROR", message: "Boom" }],
  [
    "zap's console",
    "2026-11-24T03:04:05.123Z\tERROR\tctrl\tctrl/main.go:12\tReconciler error",
    { level: "ERROR", message: "Reconciler error" },
  ],
  ["a colour", "\u001b[31merror\u001b[0m: boom", { level: "ERROR", message: "boom" }],
  ["npm", "npm ERR! code E404", { level: "ERROR", message: "code E404" }],
  [
    "PHP",
    "[24-Nov-2026 03:04:05 UTC] PHP Warning:  Undefined variable",
    { at: `${AT}Z`, level: "WARN", message: "Undefined variable" },
  ],
  [
    "zap, whose stack has no message",
    '{"level":"error","msg":"order 1 was declined","stacktrace":"main.place\\n\\t/src/shop.go:12"}',
    { level: "ERROR", message: "order 1 was declined", errorClass: undefined },
  ],
  [
    "structlog's list of errors",
    '{"event":"charge_failed","level":"error","exception":[{"exc_type":"PaymentError","exc_value":"declined"}]}',
    { level: "ERROR", message: "charge_failed: PaymentError: declined", errorClass: "PaymentError" },
  ],
  [
    "Log4j's JSON",
    '{"level":"ERROR","message":"failed","thrown":{"name":"java.io.IOException","message":"disk","extendedStackTrace":"java.io.IOException: disk\\n\\tat com.shop.Disk.write(Disk.java:5)"}}',
    {
      message: "failed: java.io.IOException: disk",
      errorClass: "java.io.IOException",
      stack: "at com.shop.Disk.write(Disk.java:5)",
    },
  ],
  [
    "Monolog's JSON",
    '{"message":"failed","context":{"exception":{"class":"App\\\\PaymentError","message":"declined"}},"level_name":"ERROR"}',
    { message: "failed: App\\PaymentError: declined", errorClass: "App\\PaymentError" },
  ],
  [
    "pino",
    '{"level":50,"time":1795489445123,"pid":1,"name":"shop","msg":"failed","err":{"type":"TypeError","message":"x is bad","stack":"TypeError: x is bad\\n    at f (a.js:1:1)"}}',
    {
      format: "json",
      at: "2026-11-24T03:04:05.123Z",
      level: "ERROR",
      service: undefined,
      message: "failed: TypeError: x is bad",
      errorClass: "TypeError",
      stack: "at f (a.js:1:1)",
    },
  ],
  [
    "ECS",
    '{"@timestamp":"2026-11-24T03:04:05Z","log":{"level":"error"},"message":"no","service":{"name":"pay"},"kubernetes":{"namespace_name":"prod"},"error":{"type":"java.sql.SQLException","message":"bad"}}',
    {
      level: "ERROR",
      service: "pay",
      namespace: "prod",
      message: "no: java.sql.SQLException: bad",
      errorClass: "java.sql.SQLException",
    },
  ],
  [
    "MongoDB",
    '{"t":{"$date":"2026-11-24T03:04:05.123+00:00"},"s":"E","c":"NETWORK","id":1,"msg":"refused"}',
    { at: `${AT}.123Z`, level: "ERROR", message: "refused" },
  ],
  [
    "logfmt",
    'level=error ts=2026-11-24T03:04:05.123Z caller=client.go:110 msg="401 from \\"x\\"" err="no: refused" component=ruler',
    {
      format: "logfmt",
      at: `${AT}.123Z`,
      level: "ERROR",
      service: undefined,
      message: '401 from "x": no: refused',
    },
  ],
  [
    "Docker's json-file",
    '{"log":"ERROR boom\\n","stream":"stderr","time":"2026-11-24T03:04:05.1Z"}',
    { at: `${AT}.1Z`, level: "ERROR", message: "boom" },
  ],
  [
    "a CRI prefix before JSON",
    '2026-11-24T03:04:05Z stderr F {"level":"warn","msg":"inner"}',
    { format: "json", at: `${AT}Z`, level: "WARN", message: "inner" },
  ],
  [
    "an uncaught error",
    "TypeError: x is not a function\n    at f (/a/b.js:1:2)",
    {
      level: "ERROR",
      errorClass: "TypeError",
      message: "TypeError: x is not a function",
      stack: "at f (/a/b.js:1:2)",
    },
  ],
  [
    "a traceback",
    'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: bad',
    { level: "ERROR", errorClass: "ValueError", message: "ValueError: bad" },
  ],
  [
    "a Go panic",
    "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:3 +0x1d",
    { level: "ERROR", errorClass: "panic", message: "panic: boom" },
  ],
  [
    "an errno",
    "2026-11-24T03:04:05Z ERROR connect ECONNREFUSED 10.0.0.1:5432",
    { errorClass: "ECONNREFUSED" },
  ],
  ["an SQLSTATE", "SQLSTATE[08006] could not connect", { level: undefined, errorClass: "SQLSTATE 08006" }],
  [
    "a sentence about an error",
    "user bob had an error today",
    { level: undefined, message: "user bob had an error today" },
  ],
];

describe("a line says of itself", () => {
  test.each(LINES)("in the form of %s", (_program, line, expected) => {
    const parsed = parseLine(line, clock);
    const { at, ...rest } = expected;
    expect(parsed).toMatchObject(rest);
    if (at !== undefined) expect(parsed.atNs).toBe(ns(at));
  });

  test("its time to the nanosecond", () => {
    expect(parseLine("2026-11-24T03:04:05.123456789Z INFO x").atNs).toBe(ns(`${AT}Z`, 123_456_789));
    expect(parseLine('{"ts":1795489445,"msg":"x"}').atNs).toBe(1_795_489_445_000_000_000n);
    expect(parseLine('{"ts":1795489445123456,"msg":"x"}').atNs).toBe(1_795_489_445_123_456_000n);
    expect(parseLine('ts=1795489445123456789 msg="x"').atNs).toBe(1_795_489_445_123_456_789n);
  });
});

describe("a year of few digits", () => {
  test.each([
    ["0001-01-01T00:00:00Z", "Go's zero time"],
    ["0000-02-29T12:00:00Z", "a leap year"],
    ["0050-06-30T23:59:59Z", "not 1950"],
    ["0099-12-31T23:59:59Z", "not 1999"],
    ["0100-03-01T00:00:00Z", "no leap year"],
  ])("%s is that year, %s", (at) => {
    expect(parseLine(`${at} INFO x`).atNs).toBe(ns(at));
    expect(parseLine(`{"ts":"${at}","msg":"x"}`).atNs).toBe(ns(at));
  });

  test("is the same in every other form", () => {
    expect(parseLine("h - - [24/Nov/0001:03:04:05 +0000] x").atNs).toBe(ns("0001-11-24T03:04:05Z"));
    expect(parseLine("Sat Nov 24 03:04:05 0001 x").atNs).toBe(ns("0001-11-24T03:04:05Z"));
  });
});

describe("a stamp that leaves something out", () => {
  test("without a year is the latest that is not after the clock and a day", () => {
    const newYear = { nearMs: Date.UTC(2027, 0, 1, 0, 10), offsetMinutes: 0 };
    expect(parseLine("Dec 31 23:59:00 h cron[1]: x", newYear).atNs).toBe(ns("2026-12-31T23:59:00Z"));
    expect(parseLine("Jan  1 12:00:00 h cron[1]: x", newYear).atNs).toBe(ns("2027-01-01T12:00:00Z"));
    expect(parseLine("Dec 31 23:59:00 h cron[1]: x").atNs).toBeUndefined();
  });

  test("without a zone is read in the clock's", () => {
    const berlin = { nearMs: clock.nearMs, offsetMinutes: 60 };
    expect(parseLine("2026-11-24 03:04:05 INFO x", berlin).atNs).toBe(ns("2026-11-24T02:04:05Z"));
    expect(parseLine("2026-11-24 03:04:05 INFO x").atNs).toBe(ns(`${AT}Z`));
  });
});

describe("whatever comes", () => {
  test("parsing never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => void parseLine(text, clock)),
    );
    fc.assert(fc.property(fc.json(), (text) => void parseLine(text, clock)));
  });

  const stamp = "2026-11-24T03:04:05Z ";
  test.each([
    ["one word", "a".repeat(1_000_000)],
    ["a long message", `${stamp}ERROR ${"word ".repeat(200_000)}`],
    ["brackets", stamp + "[".repeat(1_000_000)],
    ["pairs", "a=1 ".repeat(250_000)],
    ["open quotes", 'a="'.repeat(333_333)],
    ["braces", "{".repeat(1_000_000)],
    ["dots before an exception", `${"a.".repeat(500_000)}Exception`],
    ["structured data", `<34>1 - - - - - ${'[a="'.repeat(250_000)}`],
    ["frames", `Error: x\n${"    at a (b.js:1:1)\n".repeat(50_000)}`],
    ["spaces before an error", `x${" ".repeat(1_000_000)}y\nError: z\n    at a (b.js:1:1)`],
    ["empty lines in a stack", `{"level":"error","stack":"x${"\\n ".repeat(333_333)}y"}`],
  ])("a megabyte of %s takes no time", (_name, text) => {
    parseLine(text.slice(0, 10_000), clock);
    expect(leastMs(() => parseLine(text, clock))).toBeLessThan(50);
  });
});

describe("the service that a line names", () => {
  test.each([
    ["a customer's name", '{"level":"error","msg":"declined","name":"Alice Nr 7"}', undefined],
    ["an address", '{"service":"alice@example.com","msg":"x"}', undefined],
    ["a token", '{"service":"ghp_abcdefghijklmnopqrstuvwxyz0123456789","msg":"x"}', undefined],
    ["a header", '{"service":"Bearer ghp_abcdefghijklmnopqrstuvwxyz0123456789","msg":"x"}', undefined],
    ["a service", '{"service":"checkout-v2.eu/blue","msg":"x"}', "checkout-v2.eu/blue"],
    ["a long service", '{"app":"customer-notification-worker","msg":"x"}', "customer-notification-worker"],
  ])("%s", (_, line, expected) => {
    expect(parseLine(line).service).toBe(expected);
  });
});
