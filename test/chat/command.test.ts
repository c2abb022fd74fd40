import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { asksForForm, nameCall, parseCall } from "../../src/chat/call.ts";
import { type CommandDefinition, findCommand } from "../../src/chat/command.ts";
import { completionAt } from "../../src/chat/completion.ts";
import { formCall } from "../../src/chat/form.ts";
import { nearest } from "../../src/chat/nearest.ts";
import { signature } from "../../src/chat/signature.ts";
import { typedCall } from "../../src/chat/typedCall.ts";
import { inQuotes, literalWords, quoted, splitWords } from "../../src/chat/words.ts";
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
  {
    name: "filters save",
    summary: "",
    examples: [],
    role: "responder",
    visibility: "channel",
    options: [
      text("name", { required: true }),
      text("service"),
      text("keywords", { takesRest: true, asTyped: true, maxChars: 700 }),
    ],
  },
  {
    name: "filters list",
    summary: "",
    examples: [],
    role: "viewer",
    visibility: "caller",
    options: [],
  },
  {
    name: "levels",
    summary: "",
    examples: [],
    role: "viewer",
    visibility: "channel",
    options: [
      text("levels", { required: true, list: true }),
      text("text", { takesRest: true, asTyped: true }),
    ],
  },
  {
    name: "help",
    summary: "",
    examples: [],
    role: "viewer",
    visibility: "caller",
    options: [text("command", { kind: "command", takesRest: true })],
  },
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
    ['analyze `the "new" one` since:`30m`', ["analyze", { service: 'the "new" one', since: "30m" }]],
    ['analyze service:`"a"` since:"30m"', ["analyze", { service: '"a"', since: "30m" }]],
    ["analyze db:orders", ["analyze", { service: "db:orders" }]],
    ['analyze "sevice:x"', ["analyze", { service: "sevice:x" }]],
    ["levels error, fatal", ["levels", { levels: "error, fatal" }]],
    [
      "levels levels:error,  fatal ,warn , info x",
      ["levels", { levels: "error, fatal ,warn , info", text: "x" }],
    ],
    ['levels levels:error, "fatal"', ["levels", { levels: "error,", text: '"fatal"' }]],
    ["search connection refused", ["search", { text: "connection refused" }]],
    ["search connection refused service:db", ["search", { text: "connection refused", service: "db" }]],
    ["search http://x/y", ["search", { text: "http://x/y" }]],
    ['search "service:db"', ["search", { text: "service:db" }]],
    ['search "never closed', ["search", { text: "never closed" }]],
    ["status", ["status", {}]],
    ["", ["help", {}]],
    ["filters list", ["filters list", {}]],
    ["Filters  LIST", ["filters list", {}]],
    ["help filters save", ["help", { command: "filters save" }]],
    ["filters save slow refused", ["filters save", { name: "slow", keywords: "refused" }]],
    [
      'filters save refused service:db slow "shut down"  now',
      ["filters save", { name: "refused", service: "db", keywords: 'slow "shut down"  now' }],
    ],
    ['filters save a keywords:"b  c" d', ["filters save", { name: "a", keywords: '"b  c" d' }]],
    [
      'filters save a {app="my shop"} |= `x service:y`\n|= "z" service:db',
      ["filters save", { name: "a", service: "db", keywords: '{app="my shop"} |= `x service:y`\n|= "z"' }],
    ],
  ])("%s", (line, expected) => {
    expect(parse(line)).toEqual(expected);
  });

  test("that nobody knows names the nearest one", () => {
    expect(() => parse("analize checkout")).toThrow('There is no command "analize". Did you mean analyze?');
    expect(() => parse("make coffee")).toThrow('There is no command "make". Type help to see them all.');
    expect(() => parse("what is up")).toThrow("Questions are answered in the thread of a root cause");
  });

  test("that needs a second word says which there are", () => {
    const goOn = "filters goes on with save, list. Type help filters to see what each does.";
    expect(() => parse("filters")).toThrow(goOn);
    expect(() => parse("filters lst")).toThrow('no command "filters lst". Did you mean filters list?');
    expect(() => parse("filters fly")).toThrow(`There is no command "filters fly". ${goOn}`);
    expect(() => parse("filter save x")).toThrow('no command "filter". Did you mean filters save?');
    expect(() => parse("fliters")).toThrow('no command "fliters". Did you mean filters?');
  });

  test("of two names that fit is the longer one", () => {
    const both = [...catalogue, { ...(catalogue[2] as CommandDefinition), name: "status all" }];
    expect(parseCall(both, { text: "status all" }).definition.name).toBe("status all");
    expect(parseCall(both, { text: "status" }).definition.name).toBe("status");
    expect(findCommand(both, "Status All").name).toBe("status all");
  });

  test("with a missing, unknown or surplus option says how it is used", () => {
    expect(() => parse("analyze")).toThrow("analyze needs a service. Usage: analyze <service> [since]");
    expect(() => parse("analyze a b c")).toThrow('analyze does not know what to do with "c".');
    expect(() => parseCall(catalogue, { name: "analyze", options: { service: "a", level: "x" } })).toThrow(
      'analyze has no option "level".',
    );
    expect(() => parse(`analyze ${"x".repeat(600)}`)).toThrow("service is longer than 500 characters.");
    expect(() => parse(`filters save a ${"x".repeat(701)}`)).toThrow(
      "keywords is longer than 700 characters.",
    );
  });

  test("with a value given twice says which, rather than choosing one", () => {
    expect(() => parse("analyze checkout service:web")).toThrow(
      'service was given twice, as "checkout" and as "web": leave one of them out.',
    );
    expect(() => parse("analyze since:1h checkout since:2h")).toThrow("since was given twice");
    expect(() => parse("search refused service:a service:b")).toThrow("service was given twice");
  });

  test("with a key that is no option's says so, rather than taking it for a value", () => {
    expect(() => parse("analyze checkout foo:bar")).toThrow(
      'analyze has no option "foo". Usage: analyze <service> [since]',
    );
    expect(() => parse("analyze checkout 30m foo:bar")).toThrow('analyze has no option "foo".');
    expect(() => parse("analyze sevice:checkout")).toThrow(
      'analyze has no option "sevice". Did you mean service?',
    );
    expect(() => parse("status foo:bar")).toThrow('status has no option "foo". Usage: status');
  });

  test("that lacks an option named with a vowel says it in English", () => {
    const connect = { ...(catalogue[0] as CommandDefinition), name: "connect" };
    const both = [{ ...connect, options: [text("org", { required: true })] }];
    expect(() => parseCall(both, { text: "connect" })).toThrow("connect needs an org. Usage: connect <org>");
  });

  test("whatever is typed is read or refused with a sentence", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.constantFrom("", "analyze ", "search ", "filters ", "filters save "),
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
    const under = parseCall(catalogue, { name: "filters save", options: { name: "a", keywords: '"b c"' } });
    expect([under.definition.name, under.options]).toEqual(parse('filters save a "b c"'));
  });
});

describe("a command that asks in its form only", () => {
  const create: CommandDefinition = {
    name: "keys create",
    summary: "",
    examples: [],
    role: "admin",
    visibility: "caller",
    options: [text("name", { required: true }), text("scope")],
    form: { title: "New key", submitLabel: "Create", fields: ["name", "scope"] },
    formOnly: true,
  };
  const typed = (line: string) => nameCall([create], { text: line });

  test.each([
    ["keys create", {}],
    ["keys create deploy", { name: "deploy" }],
    ["keys create deploy scope:read", { name: "deploy", scope: "read" }],
    // What cannot be read is left to the form, and not quoted.
    ["keys create deploy read too-much", {}],
  ])("opens it for %j, with what was given in it", (line, given) => {
    expect([asksForForm(typed(line)), typed(line).given]).toEqual([true, given]);
  });

  test("opens it for options that a platform brings, and for its own sending off no second time", () => {
    const call = { name: "keys create", options: { name: "deploy" } };
    expect(asksForForm(nameCall([create], call))).toBe(true);
    expect(asksForForm(nameCall([create], formCall(call.name, call.options)))).toBe(false);
  });

  test("is done by its form alone, however it is called", () => {
    const said = "keys create asks in a form, and takes nothing that is typed.";
    expect(() => parseCall([create], { text: "keys create deploy" })).toThrow(said);
    expect(() => parseCall([create], { name: "keys create", options: { name: "deploy" } })).toThrow(said);
    expect(parseCall([create], formCall("keys create", { name: "deploy" })).options).toEqual({
      name: "deploy",
    });
  });

  test("shows nothing to be typed: neither how it is used, nor while it is typed, nor afterwards", () => {
    expect(signature(create)).toBe("keys create");
    expect(completionAt([create], "keys create ")).toBeUndefined();
    expect(completionAt([create], "keys create scope:r")).toBeUndefined();
    expect(typedCall(create, { name: "deploy", scope: "read" })).toBe("keys create");
  });
});

test("its signature names the options that words alone do not reach", () => {
  expect(catalogue.map(signature)).toEqual([
    "analyze <service> [since]",
    "search <text> [service:…]",
    "status",
    "filters save <name> [service:…] [keywords]",
    "filters list",
    "levels <levels> [text]",
    "help [command]",
  ]);
});

describe("words", () => {
  const quote = fc.constantFrom('"', "`", " ");
  test("are taken back as they were meant, however they have to be typed", () => {
    fc.assert(
      fc.property(
        fc.array(
          // One that holds quotes of both kinds cannot be typed.
          fc
            .string({
              unit: fc.oneof(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), quote),
              minLength: 1,
            })
            .filter((word) => !(word.includes('"') && word.includes("`"))),
          { minLength: 1 },
        ),
        (words) => {
          expect(literalWords(words.map(quoted).join(" "))).toEqual(words);
        },
      ),
    );
    expect(quoted('say="a b"')).toBe('say="a b"');
    expect(quoted('a "b')).toBe('`a "b`');
    expect(quoted('a"b')).toBe('`a"b`');
    expect(quoted('a "b `c')).toBe('"a b `c"');
    expect(inQuotes("service:x")).toBe('"service:x"');
  });

  test("and what stands between them are the whole line", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", ":", '"', "`", " ", "\n") }), (line) => {
        const words = splitWords(line);
        expect(
          words
            .map((word) => word.gap + word.typed)
            .join("")
            .trimEnd(),
        ).toBe(line.trimEnd());
        for (const word of words) expect(line.startsWith(word.typed, word.start)).toBe(true);
      }),
    );
  });
});

describe("completion", () => {
  const names = ["analyze", "search", "status", "filters save", "filters list", "levels", "help"];
  test.each([
    ["", { of: "command", typed: "", candidates: names }],
    ["s", { of: "command", typed: "s", candidates: ["search", "status"] }],
    ["analyze ", { of: "value", command: "analyze", option: "service", typed: "" }],
    ["analyze che", { of: "value", command: "analyze", option: "service", typed: "che" }],
    ["analyze checkout ", { of: "option", command: "analyze", typed: "", candidates: ["since:"] }],
    ["analyze checkout si", { of: "option", command: "analyze", typed: "si", candidates: ["since:"] }],
    ["analyze checkout since:3", { of: "value", command: "analyze", option: "since", typed: "3" }],
    ["search ", { of: "value", command: "search", option: "text", typed: "" }],
    ["search refused ser", { of: "option", command: "search", typed: "ser", candidates: ["service:"] }],
    ["fil", { of: "command", typed: "fil", candidates: ["filters save", "filters list"] }],
    ["filters", { of: "command", typed: "filters", candidates: ["filters save", "filters list"] }],
    ["Filters S", { of: "command", typed: "Filters S", candidates: ["filters save"] }],
    ["filters save ", { of: "value", command: "filters save", option: "name", typed: "" }],
    ["filters save a ", { of: "option", command: "filters save", typed: "", candidates: ["service:"] }],
    ["filters save a service:d", { of: "value", command: "filters save", option: "service", typed: "d" }],
    ["help ", { of: "value", command: "help", option: "command", typed: "" }],
    ["help filters s", { of: "value", command: "help", option: "command", typed: "filters s" }],
    ["filters fly ", undefined],
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
