import { describe, expect, test } from "@jest/globals";
import type { CommandDefinition, OptionDefinition } from "../../src/chat/command.ts";
import { fieldsOf, formCall, formOf } from "../../src/chat/form.ts";
import { typedCall } from "../../src/chat/typedCall.ts";
import { createCatalogue } from "../../src/commands/index.ts";

const option = (name: string, more: Partial<OptionDefinition> = {}): OptionDefinition => ({
  name,
  kind: "text",
  description: name,
  required: false,
  parse: (raw) => raw,
  ...more,
});
const command = (form?: CommandDefinition["form"]): CommandDefinition => ({
  name: "filters save",
  summary: "",
  examples: [],
  role: "viewer",
  visibility: "channel",
  options: ["a", "b", "c", "d", "e", "f"].map((name) => option(name)),
  ...(form && { form }),
});

describe("a form", () => {
  test("asks for options that its command has, in its own order", () => {
    const of = command({ title: "T", submitLabel: "Go", fields: ["c", "a"] });
    const form = formOf(of, { a: "1" });
    expect(form).toEqual({
      command: "filters save",
      title: "T",
      submitLabel: "Go",
      fields: ["c", "a"],
      values: { a: "1" },
    });
    expect(fieldsOf(of, form).map(({ name }) => name)).toEqual(["c", "a"]);
  });

  test.each([
    ["has none", undefined],
    ["has a long title", { title: "x".repeat(25), submitLabel: "Go", fields: ["a"] }],
    ["has a long button", { title: "T", submitLabel: "x".repeat(25), fields: ["a"] }],
    ["has too many fields", { title: "T", submitLabel: "Go", fields: ["a", "b", "c", "d", "e", "f"] }],
    ["asks for what is not there", { title: "T", submitLabel: "Go", fields: ["z"] }],
  ])("of a command that %s fails where it is made", (_, form) => {
    expect(() => formOf(command(form), {})).toThrow();
  });

  test("of every command survives the narrowest platform", () => {
    const catalogue = createCatalogue({} as never);
    const withForm = catalogue.filter(({ form }) => form !== undefined);
    expect(withForm.length).toBeGreaterThan(2);
    for (const definition of withForm) expect(() => formOf(definition, {})).not.toThrow();
  });

  test("gives what was filled in, and nothing for what was left empty", () => {
    expect(formCall("mute", { a: "1", b: "", c: "  " })).toEqual({
      name: "mute",
      options: { a: "1" },
      whole: true,
    });
  });
});

test("a call is written as it would be typed", () => {
  const definition = {
    ...command(),
    options: [
      option("name", { required: true }),
      option("service"),
      option("keywords", { takesRest: true, asTyped: true }),
    ],
  };
  const given = { name: "my filter", service: "check out", keywords: '"timed out" twice' };
  expect(typedCall(definition, given)).toBe('filters save "my filter" service:"check out" "timed out" twice');
  expect(typedCall(definition, { name: "slow" })).toBe("filters save slow");
});
