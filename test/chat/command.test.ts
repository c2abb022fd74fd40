import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type CommandDefinition, completionAt, nearest, parseCall } from "../../src/chat/command.ts";
import { UserError } from "../../src/errors.ts";

const text = (name: string, more: object = {}) => ({
  name,
  kind: "text" as const,
  description: name,
  required: false,
  parse: (raw: string) => raw,
  ...more,
});

const catalogue: CommandDefinition[] = [
  {
    name: "analyze",
    summary: "",
    examples: [],
    role: "responder",
    visibility: "channel",
    options: [text("service", { required: true, kind: "service" }), text("since", { kind: "duration" })],
  },
  {
    name: "search",
    summary: "",
    examples: [],
    role: "viewer",
    visibility: "channel",
    options: [text("text", { required: true, takesRest: true }), text("service")],
  },
  { name: "status", summary: "", examples: [], role: "viewer", visibility: "channel", options: [] },
];

const parse = (line: string) => {
  const { definition, options } = parseCall(catalogue, { text: line });
  return [definition.name, options];
};

describe("a typed command", () => {
  test.each([
    ["analyze checkout", ["analyze", { service: "checkout" }]],
    ["ANALYZE checkout", ["analyze", { service: "checkout" }]],
    ["analyze checkout since:30m", ["analyze", { service: "checkout", since: "30m" }]],
    ["analyze since:30m checkout", ["analyze", { service: "checkout", since: "30m" }]],
    ["analyze service:checkout since:30m", ["analyze", { service: "checkout", since: "30m" }]],
    ["analyze checkout 30m", ["analyze", { service: "checkout", since: "30m" }]],
    ['analyze "my service" since:"30m"', ["analyze", { service: "my service", since: "30m" }]],
    ["search connection refused", ["search", { text: "connection refused" }]],
    ["search connection refused service:db", ["search", { text: "connection refused", service: "db" }]],
    ["search http://x/y", ["search", { text: "http://x/y" }]],
    ['search "service:db"', ["search", { text: "service:db" }]],
    ['search "never closed', ["search", { text: "never closed" }]],
    ["status", ["status", {}]],
  ])("%s", (line, expected) => {
    expect(parse(line)).toEqual(expected);
  });

  test("that nobody knows names the nearest one", () => {
    expect(() => parse("analize checkout")).toThrow('There is no command "analize". Did you mean analyze?');
    expect(() => parse("make coffee")).toThrow('There is no command "make". Type help to see them all.');
  });

  test("with a missing, unknown or surplus option says how it is used", () => {
    expect(() => parse("analyze")).toThrow("analyze needs a service. Usage: analyze <service> [since]");
    expect(() => parse("analyze a b c")).toThrow('analyze does not know what to do with "c".');
    expect(() => parseCall(catalogue, { name: "analyze", options: { service: "a", level: "x" } })).toThrow(
      'analyze has no option "level".',
    );
    expect(() => parse(`analyze ${"x".repeat(600)}`)).toThrow("service is longer than 500 characters.");
  });

  test("whatever is typed is read or refused with a sentence", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.constantFrom("", "analyze ", "search "),
        (line, start) => {
          try {
            parse(start + line);
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
            expect((error as Error).message.length).toBeLessThan(300);
          }
        },
      ),
    );
  });

  test("as native options is the same call", () => {
    const native = parseCall(catalogue, { name: "analyze", options: { service: "checkout", since: "30m" } });
    expect([native.definition.name, native.options]).toEqual(parse("analyze checkout since:30m"));
  });
});

describe("completion", () => {
  test.each([
    ["", { of: "command", typed: "", candidates: ["analyze", "search", "status"] }],
    ["s", { of: "command", typed: "s", candidates: ["search", "status"] }],
    ["analyze ", { of: "value", command: "analyze", option: "service", typed: "" }],
    ["analyze che", { of: "value", command: "analyze", option: "service", typed: "che" }],
    ["analyze checkout ", { of: "option", command: "analyze", typed: "", candidates: ["since:"] }],
    ["analyze checkout si", { of: "option", command: "analyze", typed: "si", candidates: ["since:"] }],
    ["analyze checkout since:3", { of: "value", command: "analyze", option: "since", typed: "3" }],
    ["unknown x", undefined],
  ])('of "%s"', (line, expected) => {
    expect(completionAt(catalogue, line)).toEqual(expected);
  });
});

describe("the nearest name", () => {
  test("is one typing error away, or there is none", () => {
    expect(nearest("chekcout", ["checkout", "payments"])).toBe("checkout");
    expect(nearest("checkouts", ["checkout", "payments"])).toBe("checkout");
    expect(nearest("zebra", ["checkout", "payments"])).toBeUndefined();
    expect(nearest("x", [])).toBeUndefined();
  });
});
