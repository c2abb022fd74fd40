import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createClientAddress, whyNoRange } from "../../src/http/clientAddress.ts";

const server = createServer((asked, answer) => {
  const proxies = (asked.headers["x-proxies"] ?? "").toString();
  answer.end(createClientAddress(proxies === "" ? [] : proxies.split(" "))(asked));
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "::", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

function addressOf(proxies: string, forwarded?: string | string[]): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const headers = {
    "x-proxies": proxies,
    ...(forwarded !== undefined && { "x-forwarded-for": forwarded }),
  };
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (data) => {
        text += data;
      });
      answer.on("end", () => resolve(text));
    });
    asked.on("error", reject).end();
  });
}

test.each([
  ["nobody is trusted: what is said counts for nothing", "", "1.2.3.4", "127.0.0.1"],
  ["another proxy is trusted", "10.0.0.0/8", "1.2.3.4", "127.0.0.1"],
  ["the proxy is trusted", "127.0.0.1", "1.2.3.4", "1.2.3.4"],
  ["the client has written something before", "127.0.0.1", "9.9.9.9, 1.2.3.4", "1.2.3.4"],
  ["two proxies", "127.0.0.0/8 10.0.0.0/8", "9.9.9.9, 1.2.3.4, 10.1.2.3", "1.2.3.4"],
  ["two headers", "127.0.0.1", ["9.9.9.9", "1.2.3.4"], "1.2.3.4"],
  ["IPv6", "127.0.0.1 fd00::/8", "2001:db8::1, fd12::7", "2001:db8::1"],
  ["what is no address", "127.0.0.1", "1.2.3.4, unknown", "127.0.0.1"],
  ["nothing", "127.0.0.1", undefined, "127.0.0.1"],
  ["proxies alone", "127.0.0.0/8 10.0.0.0/8", "10.1.2.3", "10.1.2.3"],
])("%s", async (_, proxies, forwarded, expected) => {
  expect(await addressOf(proxies, forwarded)).toBe(expected);
});

test("what is no range is told", () => {
  for (const range of ["10.0.0.7", "10.0.0.0/8", "::1", "fd00::/8"])
    expect(whyNoRange(range)).toBeUndefined();
  for (const range of ["", "proxy", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "10.0.0.0/8/8", "10.0.0.0/x"])
    expect(whyNoRange(range)).toContain("is no address nor range of addresses");
});
