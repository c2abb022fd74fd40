import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { templateOf } from "../../src/clusters/normalise.ts";
import { leastMs } from "../support/leastMs.ts";

const TEMPLATES: readonly [message: string, template: string][] = [
  ["connect ECONNREFUSED 10.0.0.1:5432", "connect ECONNREFUSED <*>"],
  ["connect ECONNREFUSED redis:6379", "connect ECONNREFUSED <*>"],
  ["getaddrinfo ENOTFOUND redis-master", "getaddrinfo ENOTFOUND <*>"],
  ["order 0edd3e91-e004-de62-00b7-48e0b2a89ca1 not found", "order <*> not found"],
  ['password authentication failed for user "app"', "password authentication failed for user <*>"],
  ["Failed password for invalid user bob from 10.0.0.1", "Failed password for invalid user <*> from <*>"],
  ["App\\StockError: item 12 is gone", "App\\StockError item <*> is gone"],
  ["user not found", "user not found"],
  ["order 12 of bob is locked", "order <*> of <*> is locked"],
  ["used 90% of memory, 5 MB of disk", "used <*> of memory <*> of disk"],
  ["job 3 of the 5", "job <*> of the <*>"],
  ["Killed process 812 (java) of 9", "Killed process <*> of <*>"],
  ["server started", "server started"],
  ["server stopped: no disk", "server stopped no disk"],
  ["node left", "node left"],
  ["could not refund user bob: no balance", "could not refund user <*> no balance"],
  ['role "bob" does not exist', "role <*> does not exist"],
  ['invalid port ":bob" after host', "invalid port <*> after host"],
  ['unexpected token at \'{"user":"bob",\' here', "unexpected token at <*> here"],
  ['violates unique constraint "users_email_key"', "violates unique constraint users_email_key"],
  ['answer was {"reason":"timeout"}', "answer was <*> timeout"],
  ["timeout=5s retries=3 host=db1", "timeout=<*> retries=<*> host=<*>"],
  ['job=cleanup err="connection refused"', "job=<*> err= connection refused"],
  ["stored 5.2 KB in 12 ms", "stored <*> in <*>"],
  ["open /var/lib/app/a.db: no such file", "open <*> no such file"],
  ["at Mon Jul 18 03:26:53 2005 it began", "at <*> it began"],
  [
    "com.shop.S3Exception: Access Denied (Request ID: A1)",
    "com.shop.S3Exception Access Denied Request ID <*>",
  ],
  ["1 2 3 4 5 left", "<*> left"],
  ["program interrupt..........0", "program interrupt <*>"],
  ["Session: 30546173_42 initialized", "Session <*> initialized"],
  ["failed\nat com.shop.Orders.place", "failed at com.shop.Orders.place"],
  ["roamed to af:1d:03:99:5e:b0 again", "roamed to <*> again"],
  ["route to dead:beef:0001 is add:on", "route to <*> is add <*>"],
  ["lost connection from unknown[10.0.0.1]", "lost connection from <*>"],
  ["process Safari[42597] woke too often", "process <*> woke too often"],
  ["queue[3] is full, spent[4096]", "queue <*> is full spent <*>"],
  ["group orders-consumer has failed", "group <*> has failed"],
  ["client gone, device re-attached", "client gone device re-attached"],
  ["group offset has failed", "group offset has failed"],
  ["user bob logged in from 10.0.0.1", "user <*> logged in from <*>"],
  ["merchant acme: 12 EUR", "merchant <*>"],
  ["waited 5 minutes, 1 second", "waited <*>"],
  ["denied (using password: YES)", "denied using password <*>"],
  ["moved from [YELLOW] to [GREEN] (reason)", "moved from <*> to <*> reason"],
  ["rules: [velocity, geo], next", "rules <*> next"],
  ["rules=[velocity] next", "rules=<*> next"],
  ["closed by bob [preauth]", "closed by bob preauth"],
  ["[pool] [main] index [not found] here", "pool main index not found here"],
  ["Error [ERR_CLOSED]: gone", "Error ERR_CLOSED gone"],
  ["error: [timeout] at 5", "error timeout at <*>"],
  ["environment:java.home=/usr/lib/jvm", "environment java.home=<*>"],
  ['timed out, request: "PUT /orders HTTP/1.1"', "timed out request <*>"],
  ['10.0.0.1 "PUT /orders HTTP/1.1" 500', "<*> PUT <*>"],
  ["GET /orders timed out", "GET <*> timed out"],
  ["支付失败 订单 123", "支付失败 订单 <*>"],
  ["", ""],
];

describe("a template", () => {
  test.each(TEMPLATES)("of %j is %j", (message, template) => expect(templateOf(message)).toBe(template));

  test("of the same payload at any length is the same", () => {
    const ids = (count: number) => Array.from({ length: count }, (_, i) => `id-${i}`).join(", ");
    expect(templateOf(`evicted ${ids(3)} from cache`)).toBe(templateOf(`evicted ${ids(40)} from cache`));
  });

  test("never throws, and never ends in two wildcards", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(templateOf(text)).not.toContain("<*> <*>");
      }),
    );
  });

  test.each([
    ["one word", "a".repeat(1_000_000)],
    ["words", "abc ".repeat(250_000)],
    ["numbers", "1 ".repeat(500_000)],
    ["open quotes", 'a="'.repeat(333_333)],
    ["colons", "a:".repeat(500_000)],
    ["dots", ".".repeat(1_000_000)],
    ["almost class names", `${"A.".repeat(500_000)}!`],
    ["brackets", "((((".repeat(250_000)],
  ])("of a megabyte of %s takes no time", (_name, text) => {
    templateOf(text.slice(0, 50_000));
    expect(leastMs(() => templateOf(text))).toBeLessThan(50);
  });
});
