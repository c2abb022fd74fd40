import { randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { UserError } from "../../src/errors.ts";
import { createKeyring, readKeys } from "../../src/secrets/keyring.ts";

const key = (name: string) => ({ name, key: randomBytes(32) });
const base64 = (bytes = 32) => randomBytes(bytes).toString("base64");

describe("what is sealed", () => {
  test("opens to the same text, whatever it is, and looks different each time", () => {
    const ring = createKeyring([key("1")]);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        const [one, two] = [ring.seal(text, "slack/T1"), ring.seal(text, "slack/T1")];
        expect(ring.open(one, "slack/T1")).toBe(text);
        expect(one).not.toBe(two);
      }),
    );
  });

  test("opens for no other place, and not when a single bit of it was changed", () => {
    const ring = createKeyring([key("1")]);
    const sealed = ring.seal("xoxb-secret", "slack/T1");
    expect(sealed).not.toContain("secret");
    expect(() => ring.open(sealed, "slack/T2")).toThrow();
    const [name, ...parts] = sealed
      .split(".")
      .map((part, at) => (at === 0 ? part : Buffer.from(part, "base64url")));
    for (const part of parts as Buffer[]) {
      for (let at = 0; at < part.length; at++) {
        part[at] = (part[at] ?? 0) ^ 1;
        const changed = [name, ...(parts as Buffer[]).map((bytes) => bytes.toString("base64url"))].join(".");
        expect(() => ring.open(changed, "slack/T1")).toThrow();
        part[at] = (part[at] ?? 0) ^ 1;
      }
    }
    expect(ring.open(sealed, "slack/T1")).toBe("xoxb-secret");
    for (const cut of ["", "1", "1...", sealed.slice(0, -4), `${sealed}A`])
      expect(() => ring.open(cut, "slack/T1")).toThrow();
  });

  test("opens with an older key of the ring, and is sealed with the first", () => {
    const [older, newer] = [key("1"), key("2")];
    const sealed = createKeyring([older]).seal("token", "slack/T1");
    const ring = createKeyring([newer, older]);
    expect(ring.open(sealed, "slack/T1")).toBe("token");
    expect(ring.isCurrent(sealed)).toBe(false);
    expect(ring.isCurrent(ring.seal("token", "slack/T1"))).toBe(true);
  });

  test("says which key is missing, and opens with no other of that name", () => {
    const sealed = createKeyring([key("old")]).seal("token", "slack/T1");
    expect(() => createKeyring([key("new")]).open(sealed, "slack/T1")).toThrow(
      new UserError(
        'The encryption key "old" is missing. Add it to ENCRYPTION_KEYS again, behind the others.',
      ),
    );
    expect(() => createKeyring([key("old")]).open(sealed, "slack/T1")).toThrow();
  });
});

describe("the keys of the environment", () => {
  test("are named, with the one that seals first", () => {
    expect(readKeys(`2:${base64()}, 1:${base64()}`).map(({ name }) => name)).toEqual(["2", "1"]);
  });

  test.each([
    ["", "must be <name>:<32 bytes in base64>"],
    ["justakey", "must be <name>:<32 bytes in base64>"],
    [`1:${base64(16)}`, "must be <name>:<32 bytes in base64>"],
    [`1:${base64(33)}`, "must be <name>:<32 bytes in base64>"],
    [`1:${base64()},1:${base64()}`, "Two encryption keys have the same name"],
  ])("that are wrong are refused without being repeated: case %#", (text, sentence) => {
    const refused = (() => {
      try {
        return readKeys(text);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(UserError);
    expect((refused as UserError).message).toContain(sentence);
    if (text.length > 20) expect((refused as UserError).message).not.toContain(text.slice(2, 20));
  });
});
