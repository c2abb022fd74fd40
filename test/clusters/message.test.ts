import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { clusterText } from "../../src/clusters/message.ts";
import { parseLine } from "../../src/logs/parse.ts";

const STACKS: readonly [language: string, entry: string, text: string][] = [
  [
    "Java",
    "2026-11-24 03:04:05 ERROR failed\njava.lang.IllegalStateException: nope\n\tat java.base/java.util.ArrayList.forEach(ArrayList.java:1)\n\tat com.shop.Orders.lambda$place$0(Orders.java:12)\n\tat com.shop.Shop$$EnhancerBySpringCGLIB$$42c7853d.place(<generated>)\nCaused by: java.io.IOException: disk\n\tat com.shop.Disk.write(Disk.java:5)",
    "failed: java.lang.IllegalStateException: nope\nat com.shop.Orders.lambda$place\nat com.shop.Shop\ncaused by java.io.IOException",
  ],
  [
    "Node",
    "TypeError: x is bad\n    at async Orders.place (file:///app/src/orders.js:1:2)\n    at /app/src/main.js:3:4\n    at run (/app/node_modules/lib/index.js:1:1)\n    at node:internal/main:1:1",
    "TypeError: x is bad\nat Orders.place\nat main.js",
  ],
  [
    "Python, whose last frame is the place",
    'Traceback (most recent call last):\n  File "/app/main.py", line 3, in handle\n    place()\n  File "/app/shop.py", line 9, in place\n    x\n  File "/usr/lib/python3/site-packages/lib.py", line 1, in y\nValueError: bad',
    "ValueError: bad\nat shop.py.place\nat main.py.handle",
  ],
  [
    "Go",
    "panic: boom\n\ngoroutine 1 [running]:\nruntime.gopanic(0x1)\n\t/go/panic.go:1 +0x1\nmain.(*Server).handle(0xc00001, 0x1)\n\t/app/main.go:33 +0x1d\nmain.main()\n\t/app/main.go:3 +0x1d",
    "panic: boom\nat main._Server_.handle\nat main.main",
  ],
  [
    ".NET",
    "Unhandled exception. System.InvalidOperationException: bad\n   at System.Linq.First()\n   at Shop.Orders.Place(Int32 id) in /src/Orders.cs:line 5",
    "Unhandled exception. System.InvalidOperationException: bad\nat Shop.Orders.Place",
  ],
  [
    ".NET, without the numbers of what the compiler names",
    "Unhandled exception. Shop.StockException: gone\n   at Shop.Stock.<>c__DisplayClass3_0.<Reserve>b__0() in /src/Stock.cs:line 5\n   at lambda_method12(Closure, Object)\n   at Shop.Api.<GetAsync>d__7.MoveNext() in /src/Api.cs:line 9",
    "Unhandled exception. Shop.StockException: gone\nat Shop.Stock._c__DisplayClass._Reserve_b__\nat Shop.Api._GetAsync_d__.MoveNext",
  ],
  [
    ".NET's console, which pads",
    "fail: Kestrel.Server[13]\n      Request failed.\n      Shop.StockException: gone\n         at Shop.Stock.Reserve() in /src/Stock.cs:line 5",
    "Request failed.: Shop.StockException: gone\nat Shop.Stock.Reserve",
  ],
  [
    "Node, minified",
    "TypeError: x is bad\n    at Zr (/app/dist/bundle.0000503b.js:1:2)\n    at place (/app/dist/chunk-00ab503b.js:1:99)",
    "TypeError: x is bad\nat bundle.js\nat place",
  ],
  [
    "Rust",
    "thread 'main' panicked at src/shop.rs:1:2:\nboom\nstack backtrace:\n   0: <core::ops::Range as core::slice::Index>::index\n             at /rustc/1/library/core/src/slice.rs:4:2\n   1: shop::orders::cut\n             at ./src/shop.rs:61:23\n   2: shop::main\n             at ./src/shop.rs:9:1",
    "thread 'main' panicked at src/shop.rs:1:2: boom\nat shop.orders.cut\nat shop.main",
  ],
  [
    "PHP",
    "PHP Fatal error:  Uncaught Exception: bad in /app/x.php:3\nStack trace:\n#0 /app/vendor/a/b.php(1): run()\n#1 /app/y.php(12): App\\Orders->place(12)\n#2 {main}",
    "Uncaught Exception: bad in /app/x.php:3\nat App.Orders.place",
  ],
];

describe("what is fingerprinted of a stack", () => {
  test.each(STACKS)("is class, message and the project's frames in %s", (_language, entry, text) => {
    expect(clusterText(parseLine(entry))).toBe(text);
  });

  test("is some frame even where none is the project's", () => {
    expect(
      clusterText(parseLine("Error: x\n    at f (node:internal/a:1:1)\n    at g (node:internal/b:1:1)")),
    ).toBe("Error: x\nat f");
  });
});

describe("what is fingerprinted of a message", () => {
  test("names the class where the message does not", () => {
    expect(clusterText(parseLine('{"level":50,"msg":"no","err":{"type":"TypeError"}}'))).toBe(
      "TypeError: no",
    );
  });

  test("is there for any line, and ends", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => void clusterText(parseLine(text))),
    );
    expect(clusterText(parseLine("word ".repeat(200_000))).length).toBeLessThan(10_000);
  });
});
