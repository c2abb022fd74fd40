import { describe, expect, test } from "@jest/globals";
import { UserError } from "../../src/errors.ts";
import {
  type Filter,
  meaningOf,
  narrowed,
  queryOf,
  readFilter as read,
  readFilterName,
} from "../../src/filters/filter.ts";
import { createRedaction } from "../../src/logs/redaction.ts";

const readFilter = (given: unknown) => read(given, createRedaction({}));

const whole: Filter = {
  service: "checkout",
  namespace: "shop",
  levels: ["FATAL", "ERROR"],
  keywords: ["timed out", "orders-db"],
};

describe("a filter", () => {
  test("is read as it is, its levels from worst to least and each once", () => {
    expect(readFilter(whole)).toEqual(whole);
    expect(readFilter({ levels: ["DEBUG", "FATAL", "DEBUG"] })).toEqual({ levels: ["FATAL", "DEBUG"] });
    expect(readFilter({ namespace: "" })).toEqual({ namespace: "" });
  });

  test.each<[string, unknown, string]>([
    ["nothing", {}, "A filter needs at least one of service, namespace, levels and keywords."],
    [
      "another key",
      { ...whole, since: "1h" },
      "A filter has service, namespace, levels and keywords, and nothing else.",
    ],
    ["no object", "checkout", "A filter is an object."],
    ["null", null, "A filter is an object."],
    ["an empty service", { service: "" }, "A service has a name."],
    ["a long service", { service: "x".repeat(201) }, "A service has at most 200 characters."],
    ["a number for a namespace", { namespace: 7 }, "A namespace is a text."],
    [
      "a level nobody knows",
      { levels: ["LOUD"] },
      "A level is one of FATAL, CRITICAL, ERROR, WARN, INFO, DEBUG, TRACE.",
    ],
    ["no levels", { levels: [] }, "An empty list of levels would fit no line: leave it out."],
    ["one level without a list", { levels: "ERROR" }, "Levels are a list."],
    ["a letter", { keywords: ["a"] }, "One letter stands in nearly every line: a keyword has at least two."],
    ["a long keyword", { keywords: ["x".repeat(201)] }, "A keyword has at most 200 characters."],
    ["many keywords", { keywords: Array(11).fill("ab") }, "A filter has at most 10 keywords."],
    ["an undefined service", { service: undefined, keywords: ["ab"] }, "A service is a text."],
  ])("of %s is refused with a sentence", (_, given, why) => {
    expect(() => readFilter(given)).toThrow(UserError);
    expect(() => readFilter(given)).toThrow(why);
  });

  test("is asked of the logs as a part of a query", () => {
    expect(queryOf(whole)).toEqual({
      services: ["checkout"],
      namespace: "shop",
      levels: ["FATAL", "ERROR"],
      contains: ["timed out", "orders-db"],
    });
    expect(queryOf({ namespace: "" })).toEqual({ namespace: "" });
  });

  test("says what it means", () => {
    expect(meaningOf(whole)).toBe(
      'FATAL or ERROR lines of checkout in shop that hold "timed out" and "orders-db"',
    );
    expect(meaningOf({ service: "checkout" })).toBe("Lines of checkout");
    expect(meaningOf({ levels: ["WARN"] })).toBe("WARN lines of all services");
    expect(meaningOf({ namespace: "", keywords: ["x7"] })).toBe(
      'Lines of all services without a namespace that hold "x7"',
    );
  });
});

describe("a filter that is narrowed", () => {
  const saved = { name: "slow", filter: whole };

  test("asks for both", () => {
    expect(
      narrowed(saved, { keywords: ["4711", "orders-db"], levels: ["ERROR", "INFO"], service: "CheckOut" }),
    ).toEqual({
      ...whole,
      service: "CheckOut",
      levels: ["ERROR"],
      keywords: ["timed out", "orders-db", "4711"],
    });
    expect(narrowed({ name: "x", filter: { service: "db" } }, { levels: ["WARN"], namespace: "" })).toEqual({
      service: "db",
      levels: ["WARN"],
      namespace: "",
    });
  });

  test.each<[Filter, string]>([
    [
      { service: "payments" },
      "The filter slow is about checkout in shop, so with service:payments nothing is left.",
    ],
    [{ namespace: "" }, "The filter slow is about checkout in shop, so with namespace:- nothing is left."],
    [
      { levels: ["INFO", "WARN"] },
      "The filter slow is about FATAL or ERROR lines, so with level:info,warn nothing is left.",
    ],
  ])("to nothing by %j is refused", (further, why) => {
    expect(() => narrowed(saved, further)).toThrow(why);
  });
});

test("a filter's name is short, and one word of ASCII", () => {
  for (const name of ["a", "payments-5xx", "Slow_2", "x".repeat(50)]) expect(readFilterName(name)).toBe(name);
  for (const name of ["", "a b", "ä", "a:b", "x".repeat(51), "a\n"]) {
    expect(() => readFilterName(name)).toThrow("cannot be a filter's name");
  }
});
