import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "@jest/globals";
import { nativeCommands } from "../../../adapters/discord/commands.ts";
import { modalOf } from "../../../adapters/discord/forms.ts";
import { createDiscord } from "../../../adapters/discord/index.ts";
import { sameCommands } from "../../../adapters/discord/register.ts";
import { INVITE_PERMISSIONS } from "../../../adapters/discord/servers.ts";
import type { CommandDefinition, OptionDefinition } from "../../../src/chat/command.ts";
import { createCatalogue } from "../../../src/commands/index.ts";
import { refusedWith } from "../../support/discord/faults.ts";
import { checkCommands, checkModal } from "../../support/discord/rules.ts";
import { eventually } from "../../support/eventually.ts";
import { createScriptedCore } from "../../support/scriptedCore.ts";
import { discordOptions, type OpenDiscord, openDiscord } from "./harness.ts";

let open: OpenDiscord | undefined;
afterEach(async () => {
  const complaints = open?.loopback.complaints ?? [];
  await open?.close();
  open = undefined;
  expect(complaints).toEqual([]);
});

const option = (name: string, more: Partial<OptionDefinition> = {}): OptionDefinition => {
  return { name, kind: "text", required: false, description: `The ${name}`, parse: (raw) => raw, ...more };
};

const command = (name: string, options: OptionDefinition[] = [], more: Partial<CommandDefinition> = {}) => {
  const base = { summary: `Does ${name}`, examples: [], role: "viewer", visibility: "channel" } as const;
  return { name, ...base, options, ...more } satisfies CommandDefinition;
};

/** What Discord is told of one subcommand. */
function told(catalogue: readonly CommandDefinition[], path: string): Native {
  const top = nativeCommands(catalogue).commands[0] as unknown as Native;
  return path.split(" ").reduce((at, word) => {
    const found = at.options?.find(({ name }) => name === word);
    if (found === undefined) throw new Error(`there is no ${path}`);
    return found;
  }, top);
}

interface Native {
  name: string;
  description: string;
  type: number;
  required?: boolean;
  autocomplete?: boolean;
  choices?: { name: string; value: string }[];
  options?: Native[];
}

describe("The commands that Discord is told of", () => {
  // None of them is run here, so they need nothing to run with.
  const real = createCatalogue({} as Parameters<typeof createCatalogue>[0]);

  test("are those of the catalogue, within all of Discord's limits", () => {
    const { commands, byPath } = nativeCommands(real);
    expect(checkCommands(commands)).toEqual([]);
    expect([...byPath.values()]).toEqual(real);
  });

  test("say of each option all that the catalogue does, and of each command no half sentence", () => {
    for (const [path, definition] of nativeCommands(real).byPath) {
      const { description, options = [] } = told(real, path);
      expect(definition.summary.startsWith(description)).toBe(true);
      expect(definition.summary.slice(description.length)).toMatch(/^$|^[,:;]| \(/);
      for (const { name, description: said } of options)
        expect(said.replaceAll("\u200b", "")).toBe(
          definition.options.find((one) => one.name === name)?.description,
        );
    }
  });

  test("let a person be chosen where one is meant", () => {
    const { options = [] } = told(real, "members role");
    expect(options.map(({ name, type }) => [name, type])).toEqual([
      ["user", 6],
      ["role", 3],
    ]);
  });

  test("end with a word where there is no room, and never in the middle of one", () => {
    const long =
      "What was deployed of all that there is in every one of the places that are known: a version";
    const many = Array.from({ length: 20 }, (_, at) => command(`c${at}`, [], { summary: long }));
    const more = Array.from({ length: 22 }, (_, at) => option(`o${at}`, { description: long }));
    const { options = [] } = told([...many.map((one) => ({ ...one, options: more }))].slice(0, 6), "c1");
    expect(options[0]?.description).toBe("What was deployed of all that there is…");
  });

  test("are one command and one for messages, in servers only, open to everybody", () => {
    const { commands } = nativeCommands(real);
    expect(commands.map(({ name }) => name)).toEqual(["loghunter", "Explain this log"]);
    for (const one of commands) {
      expect(one).toMatchObject({ contexts: [0], integration_types: [0] });
      expect(one).not.toHaveProperty("default_member_permissions");
    }
  });

  test("put names of two words into a group, with the one that is alone beside them", () => {
    const catalogue = [command("tenant"), command("tenant invite"), command("status")];
    expect(told(catalogue, "tenant").type).toBe(2);
    expect(told(catalogue, "tenant show").type).toBe(1);
    expect(told(catalogue, "tenant invite").type).toBe(1);
    expect(nativeCommands(catalogue).byPath.get("tenant show")?.name).toBe("tenant");
  });

  test("ask first for what must be given", () => {
    const options = [option("since"), option("service", { required: true })];
    expect(told([command("analyze", options)], "analyze").options?.map(({ name }) => name)).toEqual([
      "service",
      "since",
    ]);
  });

  test("take nothing of one that asks in its form only", () => {
    const form = { title: "New key", submitLabel: "Create", fields: ["name"] };
    const keys = command("keys", [option("name", { required: true })], { form, formOnly: true });
    expect(told([keys], "keys").options).toBeUndefined();
  });

  test("must be given nothing that a form asks for", () => {
    const form = { title: "Save", submitLabel: "Save", fields: ["name"] };
    const [name] =
      told([command("save", [option("name", { required: true })], { form })], "save").options ?? [];
    expect(name).not.toHaveProperty("required");
  });

  test("offer a few choices at once, and complete where there are many, several or unknown ones", () => {
    const many = Array.from({ length: 26 }, (_, at) => `c${at}`);
    const { options = [] } = told(
      [
        command("all", [
          option("few", { choices: ["a", "b"] }),
          option("many", { choices: many }),
          option("list", { choices: ["a", "b"], list: true }),
          option("service", { kind: "service" }),
          option("text"),
        ]),
      ],
      "all",
    );
    expect(options.map(({ name, autocomplete, choices }) => [name, autocomplete, choices?.length])).toEqual([
      ["few", undefined, 2],
      ["many", true, undefined],
      ["list", true, undefined],
      ["service", true, undefined],
      ["text", undefined, undefined],
    ]);
  });

  test("get shorter descriptions where all of them together are too long", () => {
    const options = Array.from({ length: 10 }, (_, at) => option(`o${at}`, { description: "d".repeat(100) }));
    const catalogue = Array.from({ length: 20 }, (_, at) => command(`c${at}`, options));
    expect(checkCommands(nativeCommands(catalogue).commands)).toEqual([]);
  });

  test("more than 25 on one level are refused while they are made", () => {
    const catalogue = Array.from({ length: 26 }, (_, at) => command(`c${at}`));
    expect(() => nativeCommands(catalogue)).toThrow("25");
  });
});

describe("Registering the commands", () => {
  const writes = (on: OpenDiscord) => on.loopback.requests.filter(({ method }) => method === "PUT");

  test("writes them once, and at the next start nothing", async () => {
    const core = createScriptedCore();
    open = await openDiscord(core);
    expect(writes(open)).toHaveLength(1);
    expect(open.loopback.commands.map(({ name }) => name)).toEqual(["loghunter", "Explain this log"]);
    await open.platform.stop();
    const again = createDiscord(discordOptions(open.loopback));
    await again.start(core);
    await again.stop();
    expect(writes(open)).toHaveLength(1);
  });

  test("writes them when one has changed", async () => {
    open = await openDiscord(createScriptedCore());
    await open.platform.stop();
    const core = createScriptedCore();
    const changed = { ...core, catalogue: [...core.catalogue, command("new")] };
    const again = createDiscord(discordOptions(open.loopback));
    await again.start(changed);
    await again.stop();
    expect(writes(open)).toHaveLength(2);
  });

  test("is tried again where Discord fails, and nothing else waits for it", async () => {
    open = await openDiscord(createScriptedCore(), {
      prepare: ({ faults }) => faults.order(/^PUT .*commands/, refusedWith(503, 0), 2),
    });
    const { loopback } = open;
    await eventually(async () => loopback.commands[0]);
  });

  test("takes what Discord adds for no difference, and what is missing for one", () => {
    const { commands } = nativeCommands(createScriptedCore().catalogue);
    const had = JSON.parse(JSON.stringify(commands)) as Record<string, unknown>[];
    for (const one of had)
      Object.assign(one, { id: "1", version: "2", nsfw: false, description: one.description ?? "" });
    expect(sameCommands([...had].reverse(), commands)).toBe(true);
    expect(sameCommands(had.slice(1), commands)).toBe(false);
    expect(sameCommands([...had, { type: 1, name: "old", description: "x" }], commands)).toBe(false);
  });
});

test("The invitation in the documentation asks for the permissions that are needed, and no others", () => {
  const documented = readFileSync(new URL("../../../docs/discord.md", import.meta.url), "utf8");
  expect(/scope=bot\+applications\.commands&permissions=(\d+)/.exec(documented)?.[1]).toBe(
    INVITE_PERMISSIONS,
  );
});

describe("A field of a form", () => {
  test("holds no half of a character, which Discord would not take", () => {
    const definition = command("save", [option("name", { maxChars: 10 })]);
    const form = { title: `${"t".repeat(43)}😀😀`, submitLabel: "Save", fields: ["name"] };
    const modal = modalOf({ command: "save", ...form, values: { name: "123456789😀" } }, definition, "");
    expect(JSON.stringify(modal)).not.toMatch(/\\ud[89a-f]/);
    expect(checkModal(modal)).toEqual([]);
  });
});

describe("While a value is typed", () => {
  test("no more is offered than Discord shows, and nothing that it would refuse", async () => {
    const core = createScriptedCore();
    core.suggestions = [
      "x".repeat(101),
      "  ",
      "service-0",
      ...Array.from({ length: 40 }, (_, at) => `service-${at}`),
    ];
    core.suggest = async () => core.suggestions;
    open = await openDiscord(core);
    const { asked } = open.ana.type("analyze", { service: "s" }, "service");
    const choices = await eventually(async () => asked.choices);
    expect(choices).toHaveLength(25);
    expect(choices[0]).toEqual({ name: "service-0", value: "service-0" });
  });

  test("a core that is slow or fails leaves the list empty, in time", async () => {
    const core = createScriptedCore();
    let calls = 0;
    core.suggest = async () => {
      calls++;
      if (calls === 1) throw new Error("no logs");
      return await new Promise(() => {});
    };
    open = await openDiscord(core, { options: { waits: { askCoreMs: 100 } } });
    for (let nth = 0; nth < 2; nth++) {
      const { asked } = open.ana.type("analyze", { service: "s" }, "service");
      expect(await eventually(async () => asked.choices)).toEqual([]);
    }
  });
});
