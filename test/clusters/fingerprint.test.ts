import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fingerprintOf } from "../../src/clusters/fingerprint.ts";
import { clusterText, saidBy } from "../../src/clusters/message.ts";
import { templateOf } from "../../src/clusters/normalise.ts";
import { parseLine } from "../../src/logs/parse.ts";

const host = fc
  .tuple(fc.stringMatching(/^[a-z]{2,8}$/), fc.nat(99))
  .map(([name, n]) => `${name}-${n}.example.com`);
const address = fc
  .oneof(fc.ipV4(), host)
  .chain((at) => fc.integer({ min: 10, max: 65_535 }).map((port) => `${at}:${port}`));
const time = fc
  .date({ min: new Date("2001-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());
const path = fc
  .array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.join("/")}`);

const occurrence = fc
  .record({
    address,
    time,
    path,
    order: fc.uuid(),
    took: fc.nat(99_999),
    hash: fc.stringMatching(/^[0-9a-f]{11}[0-9]$/),
  })
  .map(
    (o) => (verb: string, error: string) =>
      `${verb} order ${o.order} at ${o.time}: ${error}: connect to ${o.address} (${o.path}) took ${o.took} ms, sha ${o.hash}`,
  );

describe("a fingerprint", () => {
  test("is the same whatever numbers, ids, hosts, times and paths stand in the message", () => {
    fc.assert(
      fc.property(occurrence, occurrence, (one, other) => {
        expect(fingerprintOf(one("placing", "TypeError"))).toBe(fingerprintOf(other("placing", "TypeError")));
      }),
    );
  });

  test("is another for another verb or another class of error", () => {
    fc.assert(
      fc.property(occurrence, (one) => {
        const prints = [
          one("placing", "TypeError"),
          one("cancelling", "TypeError"),
          one("placing", "S3Exception"),
          one("placing", "ECONNRESET"),
        ];
        expect(new Set(prints.map(fingerprintOf)).size).toBe(4);
      }),
    );
  });

  test("stays what it was: clusters are stored by it", () => {
    expect(fingerprintOf("connect ECONNREFUSED 10.0.0.1:5432")).toBe("v1:f7ab6ac808925764");
    expect(fingerprintOf("")).toMatch(/^v1:[0-9a-f]{16}$/);
  });

  test("is the template's", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 100 }),
        fc.string({ maxLength: 100 }),
        (one, other) => {
          expect(fingerprintOf(one) === fingerprintOf(other)).toBe(templateOf(one) === templateOf(other));
        },
      ),
    );
  });
});

describe("one failure in the words of several programs", () => {
  const printOf = (line: string): string => fingerprintOf(clusterText(parseLine(line)));

  test("keeps its fingerprint over time, process and logger", () => {
    const lines = [
      "2026-11-24 03:04:05,123 [http-1] ERROR com.shop.Orders - Could not place order 12",
      "2026-11-25T13:00:00Z ERROR Could not place order 999",
      '{"level":"error","time":1795489445123,"msg":"Could not place order 7"}',
      'level=error ts=2026-11-24T03:04:05Z msg="Could not place order 8"',
    ];
    expect(new Set(lines.map(printOf)).size).toBe(1);
  });

  test("keeps it when lines of the source moved, and loses it when the failing code is another", () => {
    const stack = (method: string, line: number): string =>
      `TypeError: total is not a function\n    at ${method} (/app/src/orders.js:${line}:${line})\n    at process (node:internal/process:1:1)`;
    expect(printOf(stack("Orders.place", 12))).toBe(printOf(stack("Orders.place", 99)));
    expect(printOf(stack("Orders.place", 12))).not.toBe(printOf(stack("Orders.cancel", 12)));
  });
});

test("a secret is a value, whatever it is", () => {
  const lines = ["user bob@shop.example left", "user alice.b@mail.example left"];
  const denied = ["q7RtFAKE9xLm2vKz", "hunter2pw"].map(
    (secret) => `login denied: password=${secret} for shop`,
  );
  for (const [one, other] of [lines, denied]) {
    expect(fingerprintOf(saidBy(one as string))).toBe(fingerprintOf(saidBy(other as string)));
  }
  expect(templateOf(saidBy("mail to bob@shop.example failed"))).toBe("mail to <*> failed");
  expect(templateOf("mail to <redacted:email#12> failed")).toBe("mail to <*> failed");
});
