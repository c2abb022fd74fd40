import { expect, test } from "@jest/globals";
import { mentions } from "../../src/evidence/mentions.ts";

test.each([
  ["UpstreamError: renderer (127.0.0.1:18201) answered 500: cannot store", "renderer"],
  ["call failed: auth ([::1]:8080) gave 503", "auth"],
  ["renderer answered 500", "renderer"],
  ["lost orders-db in the middle", "orders-db"],
])("%s speaks of a service that is called: %s", (line, service) => {
  expect(mentions(line, service)).toBe(true);
});

test.each([
  ["in auth (tokens.mjs:31)", "auth"],
  ["in Auth (Tokens.java:46)", "auth"],
  ["the auth (10.0.0.7) of somebody", "auth"],
  ["user renderer (127.0.0.1:18201", "renderer"],
  ["auth: 17", "auth"],
])("%s does not: %s", (line, service) => {
  expect(mentions(line, service)).toBe(false);
});
