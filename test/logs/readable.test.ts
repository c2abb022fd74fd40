import { describe, expect, test } from "@jest/globals";
import { OF_A_SAMPLE, readable } from "../../src/logs/readable.ts";
import { sampleOf } from "../../src/logs/redaction.ts";

const FAILED = JSON.stringify({
  level: 50,
  time: 1795491776500,
  pid: 7,
  hostname: "pod-1",
  service: "checkout",
  reqId: "d2dac9845e",
  path: "/checkout",
  err: {
    type: "UpstreamError",
    message: "payments answered 502: acquirer unavailable",
    stack:
      "UpstreamError: payments answered 502: acquirer unavailable\n    at call (file:///lib/http.mjs:70:11)\n    at async charge (file:///shop/checkout.mjs:90:18)",
    status: 502,
  },
  msg: "request failed",
});

describe("an entry that is one JSON object is shown", () => {
  test("as its message with the error, what else it says, and its stack, without what stands beside it anyway", () => {
    expect(readable(FAILED).split("\n")).toEqual([
      "request failed: UpstreamError: payments answered 502: acquirer unavailable  reqId=d2dac9845e path=/checkout err.status=502",
      "    at call (file:///lib/http.mjs:70:11)",
      "    at async charge (file:///shop/checkout.mjs:90:18)",
    ]);
  });

  test.each([
    [
      '{"severity":"WARN","message":"slow","took_ms":812,"ok":false,"user":null}',
      "slow  took_ms=812 ok=false",
    ],
    ['{"msg":"read \\"x\\"","url":"/a b","tags":["a","b"]}', 'read "x"  url="/a b" tags=["a","b"]'],
    ['{"log":"{\\"msg\\":\\"inner\\",\\"n\\":1}\\n","stream":"stderr"}', "inner  n=1"],
    ['{"msg":"one\\ntwo","n":1}', "one  n=1\ntwo"],
  ])("%s", (text, shown) => {
    expect(readable(text)).toBe(shown);
  });

  test("as its beginning where it was cut", () => {
    const cut = sampleOf(FAILED, 260);
    expect(cut).toMatch(/characters\)$/);
    expect(readable(cut)).toContain("UpstreamError: payments answered 502: acquirer unavailable");
    expect(readable(cut)).not.toContain('{"level"');
  });

  test("with few and short fields as a sample among others", () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, "x".repeat(200)]));
    const shown = readable(JSON.stringify({ msg: "m", ...many }), OF_A_SAMPLE);
    expect(shown.match(/f\d+=/g)).toHaveLength(6);
    expect(shown.length).toBeLessThan(500);
  });
});

describe("what it was stays", () => {
  test.each([
    "ERROR payments refused {not json}",
    '{"a":1,"b":2}',
    "{broken",
    "[1,2]",
    // What is hidden in an escape was not looked at for secrets.
    '{"msg":"p\\u0061ssword is hunter2"}',
  ])("%s", (text) => {
    expect(readable(text)).toBe(text);
  });

  test.each([
    `{"msg":"m","a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
    `{"msg":"m","a":${'{"b":'.repeat(50_000)}1${"}".repeat(50_000)}}`,
    `{"msg":"m","err":${"[".repeat(50_000)}… (+9 characters)`,
  ])("what is nested thousands deep, %#", (text) => {
    expect(readable(text)).toBe(text);
  });

  test("a line of backslashes, and that is told at once", () => {
    const text = `{"a":"${"\\".repeat(50_000)}x… (+9 characters)`;
    const startMs = performance.now();
    expect(readable(text)).toBe(text);
    expect(performance.now() - startMs).toBeLessThan(4_000);
  });

  test("a text that would steer a terminal or pass for another line's end", () => {
    expect(readable('{"msg":"a\\rb\\bc"}')).toBe("a\nbc");
  });
});
