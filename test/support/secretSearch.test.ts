import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { createSecretSearch } from "./secretSearch.ts";

const SECRET = ["q7RtFAKE9xLm2vKz", "W4hT0bYc8NsD3fGp"].join("");
const RAW = `lh_0sn1BYaZWY4vyftRMQk44x_${SECRET}_1GLHi7`;

describe("the search for secrets", () => {
  const search = createSecretSearch([
    { name: "the key", secret: SECRET },
    { name: "another", secret: "Zz0Yy1Xx2Ww3Vv4Uu5Tt6Ss7Rr8Qq9Pp" },
  ]);
  const escaped = (write: (hex: string) => string) =>
    [...RAW].map((char) => write(char.charCodeAt(0).toString(16))).join("");

  const planted: Record<string, string> = {
    whole: RAW,
    "its secret alone": SECRET,
    "its first half": SECRET.slice(0, 16),
    "its second half": SECRET.slice(16),
    "16 characters of its middle": SECRET.slice(7, 23),
    "in capitals": RAW.toUpperCase(),
    "base64 of the key": Buffer.from(RAW).toString("base64"),
    "base64 of a user and the key": Buffer.from(`u:${RAW}`).toString("base64"),
    "base64 of the key and a colon": Buffer.from(`xy${RAW}:`).toString("base64url"),
    "as the bytes of a column": `\\x${Buffer.from(RAW).toString("hex")}`,
    "in percents": escaped((hex) => `%${hex.toUpperCase()}`),
    "in JSON": escaped((hex) => `\\u00${hex}`),
    "in JSON's own letters": JSON.stringify({ a: [RAW] }),
    "in HTML": [...RAW].map((char) => `&#${char.charCodeAt(0)};`).join(""),
    "in wide characters": Buffer.from(RAW, "utf16le").toString("latin1"),
  };
  test.each(Object.entries(planted))("finds it %s, and says whose it is", (_, text) => {
    const around = "x".repeat(999);
    const names = search(`${around} ${text} ${around}`).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names)).toEqual(new Set(["the key"]));
  });

  test("finds what is packed only once that is unpacked, as whoever uses it has to know", () => {
    const packed = gzipSync(RAW);
    expect(search(packed.toString("latin1"))).toEqual([]);
    expect(search(gunzipSync(packed).toString())).not.toEqual([]);
  });

  test("finds nothing in the key's id, its last four, or what is like it", () => {
    expect(search(`lh_0sn1BYaZWY4vyftRMQk44x …LHi7 ${SECRET.slice(0, 7)} ${SECRET.slice(9, 16)}`)).toEqual(
      [],
    );
    expect(search([...SECRET].reverse().join(""))).toEqual([]);
  });
});
