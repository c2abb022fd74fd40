import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createLineJoiner, type JoinerLimits } from "../../src/logs/multiline.ts";
import { leastMs } from "../support/leastMs.ts";

function join(lines: readonly string[], limits?: JoinerLimits): string[] {
  const joiner = createLineJoiner(limits);
  const entries = lines.map((line) => joiner.push(line));
  return [...entries, joiner.flush()].filter((entry) => entry !== undefined);
}

/** Each is one entry, whatever stands before and after it. */
const ENTRIES: readonly [what: string, entry: string][] = [
  [
    "a Java stack with its causes",
    "2026-11-24 03:04:05 ERROR failed\njava.lang.IllegalStateException: nope\n\tat com.shop.A.b(A.java:1)\n\t... 12 more\nCaused by: java.io.IOException: disk\n\tat com.shop.D.w(D.java:5)\n\t... 3 more",
  ],
  [
    "a Python traceback with a second one",
    'Traceback (most recent call last):\n  File "a.py", line 10, in place\n    pay()\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "m.py", line 3, in handle\nshop.errors.OrderError: no',
  ],
  [
    "an uncaught error of Node",
    "node:internal/modules/cjs/loader:1080\n  throw err;\n  ^\n\nError: Cannot find module 'x'\n    at f (/app/index.js:1:17) {\n  code: 'MODULE_NOT_FOUND'\n}\n\nNode.js v20.1.0",
  ],
  [
    "a Go panic with its goroutines",
    "panic: boom\n[signal SIGSEGV: code=0x1]\n\ngoroutine 1 [running]:\nmain.(*Server).handle(0xc000010000, 0x1)\n\t/app/main.go:33 +0x1d\nmain.main()\n\t/app/main.go:3 +0x1d\nexit status 2",
  ],
  [
    "a Rust panic",
    "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds\nnote: run with `RUST_BACKTRACE=1`",
  ],
  [
    "a .NET exception",
    "Unhandled exception. System.InvalidOperationException: bad\n ---> System.Exception: in\n   at Shop.Orders.Place(Int32 id) in /src/Orders.cs:line 5\n   --- End of inner exception stack trace ---",
  ],
  [
    "a PHP error",
    "PHP Fatal error:  Uncaught Exception: bad in /app/x.php:3\nStack trace:\n#0 /app/y.php(12): place(12)\n#1 {main}\n  thrown in /app/x.php on line 3",
  ],
  ["a Ruby error", "/app/x.rb:12:in 'place': boom (RuntimeError)\n\tfrom /app/y.rb:3:in 'call'"],
  ["PostgreSQL's statement over two lines", "2026-11-24 03:04:05.123 UTC [1] STATEMENT:  select 1\n\tfrom x"],
  ["PostgreSQL's detail with a time", "2026-11-24 03:04:05.123 UTC [1] DETAIL:  Key (id)=(1) exists."],
  ["a JSON object", '{"level":"info","msg":"x"}'],
];

describe("physical lines become entries", () => {
  test.each(ENTRIES)("%s is one", (_what, entry) => {
    const before = "2026-11-24 03:04:04 INFO before";
    const after = "2026-11-24 03:04:06 INFO after";
    expect(join([before, ...entry.split("\n"), after])).toEqual([before, entry, after]);
    expect(join([before, ...entry.split("\n"), '{"msg":"after"}'])).toEqual([
      before,
      entry,
      '{"msg":"after"}',
    ]);
  });

  test("nothing is taken into a JSON object", () => {
    expect(join(['{"msg":"x"}', "    at f (a.js:1:1)"])).toHaveLength(2);
  });

  test("an error after a line that is no trouble is another entry", () => {
    expect(join(["2026-11-24 03:04:05 INFO ok", "TypeError: x", "    at f (a.js:1:1)"])).toEqual([
      "2026-11-24 03:04:05 INFO ok",
      "TypeError: x\n    at f (a.js:1:1)",
    ]);
  });

  test("an entry ends at its limits, and the lines go on", () => {
    const lines = ["Error: x", ...Array.from({ length: 9 }, (_, i) => `    at f${i} (a.js:1:1)`)];
    expect(join(lines, { maxLines: 4 }).map((entry) => entry.split("\n").length)).toEqual([4, 4, 2]);
    expect(join(lines, { maxChars: 50 }).every((entry) => entry.length <= 50)).toBe(true);
  });

  const anyLine = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }).map((line) => line.replaceAll("\n", "")),
    fc.constantFrom(...ENTRIES.flatMap(([, entry]) => entry.split("\n"))),
  );

  test("nothing is lost and nothing added", () => {
    fc.assert(
      fc.property(
        fc.array(anyLine, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 10 }),
        (lines, maxLines) => {
          expect(join(lines, { maxLines }).join("\n")).toBe(lines.join("\n"));
        },
      ),
    );
  });

  test("a flushed joiner has forgotten all", () => {
    const joiner = createLineJoiner();
    joiner.push("Error: x");
    expect(joiner.flush()).toBe("Error: x");
    expect(joiner.flush()).toBeUndefined();
    expect(joiner.push("    at f")).toBeUndefined();
    expect(joiner.flush()).toBe("    at f");
  });

  test("a megabyte on one line takes no time", () => {
    const joiner = createLineJoiner();
    const lines = [
      "a".repeat(1_000_000),
      "[".repeat(1_000_000),
      `${" ".repeat(1_000_000)}x`,
      "A.".repeat(500_000),
    ];
    const push = () => {
      for (const line of lines) joiner.push(line);
    };
    expect(leastMs(push)).toBeLessThan(200);
  });
});
