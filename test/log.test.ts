import { expect, test } from "@jest/globals";
import { UserError } from "../src/errors.ts";
import { createLog } from "../src/log.ts";

function logged(err: unknown): Record<string, unknown> {
  const lines: string[] = [];
  createLog("warn", { write: (line: string) => void lines.push(line) }).warn({ err }, "it failed");
  return JSON.parse(lines.join()).err;
}

test("what somebody was told is logged as that, with what caused it beside it and not behind it", () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
  const told = logged(new UserError("Loki does not answer.", { cause }));
  expect(told).toMatchObject({
    type: "UserError",
    message: "Loki does not answer.",
    cause: { message: "connect ECONNREFUSED 127.0.0.1:1", code: "ECONNREFUSED" },
  });
  expect(JSON.stringify(told)).not.toContain("log.test");
});

test("an error has its stack, and what is no error has what is known of it and nothing else", () => {
  expect(logged(new TypeError("x is bad"))).toMatchObject({
    type: "TypeError",
    message: "x is bad",
    stack: expect.stringContaining("log.test"),
  });
  expect(logged({ message: "no answer", code: "ETIMEDOUT", secret: "hunter2" })).toEqual({
    message: "no answer",
    code: "ETIMEDOUT",
  });
  expect(logged("words")).toBe("words");
});
