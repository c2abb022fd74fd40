import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type ParsedLine, parseLine, placeLine } from "../../src/logs/parse.ts";

const clock = { nearMs: Date.UTC(2026, 10, 24, 12), offsetMinutes: 90 };

/** What lines are made of, so that any two or five of them beside each other are a line that says something. */
const PIECES = [
  "2026-11-24T03:04:05.123Z ",
  "Nov 24 03:04:05 ",
  "<34>",
  "host app[12]: ",
  "E1124 03:04:05.123456    1 leader.go:330] ",
  "12:M 24 Nov 2026 03:04:05.123 # ",
  '10.0.0.1 - - [24/Nov/2026:03:04:05 +0000] "GET / HTTP/1.1" 500 ',
  "[E] ",
  "[core:error] ",
  "npm ERR! ",
  "PHP Fatal error:  ",
  "ERROR ",
  "warning: ",
  "fail: Shop.Orders[0] ",
  "TypeError: x is not a function",
  "Traceback (most recent call last):\n  File \"a.py\", line 1, in x\nKeyError: 'a'",
  "\n    at pay (pay.js:1)",
  "\njava.io.IOException: disk",
  "thread 'main' panicked at src/main.rs:2:5:\n",
  'level=error msg="it failed" service=checkout ',
  '{"level":50,"time":1795489445123,"msg":"failed","service":"checkout","namespace":"shop"}',
  '{"log":"ERROR it failed\\n","stream":"stderr","time":"2026-11-24T03:04:05.1Z"}',
  '{"err":{"type":"TypeError","message":"no"},"time":"2026-11-24T03:04:05"}',
  "some words ",
  "a",
  " | ",
];

test("an entry is placed alike whether its message is wanted or not", () => {
  const line = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 4 })), { maxLength: 5 });
  fc.assert(
    fc.property(line, (pieces) => {
      const text = pieces.join("");
      expect(placing(placeLine(text, clock))).toEqual(placing(parseLine(text, clock)));
    }),
    { numRuns: 5_000 },
  );
});

function placing({ atNs, unknownZone, level, service, namespace }: Partial<ParsedLine>) {
  return { atNs, unknownZone, level, service, namespace };
}
