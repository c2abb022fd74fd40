import { createHmac, randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { createHmacSha256 } from "../../src/keys/verified.ts";

test("the HMAC by which verified keys are remembered is Node's own", () => {
  const key = randomBytes(64);
  const markOf = createHmacSha256(key);
  for (const text of ["", "lh_x", "ä".repeat(100), randomBytes(500).toString("hex")])
    expect(markOf(text)).toBe(createHmac("sha256", key).update(text).digest("base64"));
});
