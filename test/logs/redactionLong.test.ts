import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { redact } from "../../src/logs/redaction.ts";

const SECRET = ["q7Rt", "FAKE", "9xLm2vKz"].join("");
const WORDS = "the order was placed and went to the store again ";
const filler = (chars: number) => WORDS.repeat(Math.ceil(chars / WORDS.length)).slice(0, chars);

describe("a text too long to be read as a whole", () => {
  test.each([
    ["words", filler(1_000_000)],
    ["words of another language", "订单已经下达并再次发送到商店。".repeat(60_000)],
    ["one word", "a".repeat(1_000_000)],
    ["numbers", "1,2.5 ".repeat(160_000)],
    ["stack lines", "\n\tat com.shop.orders.Store.save(Store.java:12)".repeat(20_000)],
  ])("stays as it is where it holds no secret: %s", (_name, text) => {
    expect(redact(text) === text).toBe(true);
  });

  test("loses a secret wherever it stands, also where it is cut for reading, and nothing else", () => {
    const forms = [
      (secret: string) => `password=${secret}`,
      (secret: string) => `"password": "${secret}"`,
      (secret: string) => `curl -u bob:${secret} https://x.example`,
      (secret: string) => `https://bob:${secret}@db.example/orders`,
      (secret: string) => `Authorization: Bearer ${secret}${secret}`,
      (secret: string) => `mail bob.${secret}@shop.example`,
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...forms),
        fc.integer({ min: 12_000, max: 40_000 }),
        fc.integer({ min: 1, max: 40_000 }),
        (form, before, after) => {
          const line = ` ${form(SECRET)} `;
          const redacted = redact(filler(before) + line + filler(after));
          // Not `toBe`, which would print all of it.
          expect(redacted.includes(SECRET)).toBe(false);
          expect(redacted === filler(before) + redact(line) + filler(after)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("loses a key's block of several thousand characters", () => {
    const body = `${"MIIEowIBAAKCAQEAx7Kp9qW2mLr4Fz+/".repeat(2)}\n`.repeat(50);
    const key = `-----BEGIN RSA PRIVATE KEY-----\n${body}-----END RSA PRIVATE KEY-----`;
    for (const before of [0, 12_000, 13_000, 14_000, 15_500, 16_300]) {
      const redacted = redact(`${filler(before)}\n${key}\n${filler(20_000)}`);
      expect(redacted === `${filler(before)}\n<redacted:private-key>\n${filler(20_000)}`).toBe(true);
    }
  });

  test("says where it was not read, and lets nothing through there", () => {
    const redacted = redact(`${filler(20_000)}${`password=${SECRET} `.repeat(20_000)}${filler(20_000)}`);
    expect(redacted.includes(SECRET)).toBe(false);
    expect(redacted.match(/<redacted:unread>/g)).toHaveLength(1);
    expect(redacted.includes("password=<redacted:password> ")).toBe(true);
    expect(redacted.endsWith(filler(20_000).slice(-10_000))).toBe(true);
  });
});
