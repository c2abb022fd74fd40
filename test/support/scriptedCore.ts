import { asksForForm, mistakesIn, nameCall } from "../../src/chat/call.ts";
import type { Card } from "../../src/chat/card.ts";
import { type CommandDefinition, commandAt, type OptionDefinition } from "../../src/chat/command.ts";
import { formOf } from "../../src/chat/form.ts";
import type { ChatCore, Inbound, Reply, Suggest } from "../../src/chat/platform.ts";
import { UserError } from "../../src/errors.ts";

/** A core that answers what it was told to: for tests of the platforms around it. */
export interface ScriptedCore extends ChatCore {
  /** Everything it was handed, in order. */
  readonly inbounds: Inbound[];
  readonly asks: Suggest[];
  /** Where it was told that messages are taken again. */
  readonly reached: Parameters<ChatCore["reachAgain"]>[0][];
  suggestions: string[];
  /** From now on the answer to everything. */
  answer(reply: Reply): void;
  answerWith(handle: (inbound: Inbound) => Promise<Reply>): void;
  /** From now on a form is refused with this card. */
  refuseForms(card: Card): void;
}

export function createScriptedCore(): ScriptedCore {
  let handle = async (_: Inbound): Promise<Reply> => ({
    kind: "message",
    visibility: "channel",
    card: { title: "Answered", tone: "neutral", body: [] },
  });
  let refused: Card | undefined;
  const inbounds: Inbound[] = [];
  const asks: Suggest[] = [];
  const reached: ScriptedCore["reached"] = [];

  return {
    catalogue: CATALOGUE,
    inbounds,
    asks,
    reached,
    async reachAgain(at) {
      reached.push(at);
    },
    suggestions: [],
    visibilityOf: (call) => {
      const words = ("name" in call ? call.name : call.text).split(/\s+/);
      return commandAt(CATALOGUE, words)?.visibility ?? "caller";
    },
    handle(inbound) {
      inbounds.push(inbound);
      return handle(inbound);
    },
    opensForm(act) {
      if (act.kind === "press") return ["test.form", "test.judge"].includes(act.action.name);
      try {
        return asksForForm(nameCall(CATALOGUE, act.call));
      } catch {
        return false;
      }
    },
    async form(inbound) {
      if (refused !== undefined) return { card: refused };
      if (inbound.kind === "command") {
        const { definition, given } = nameCall(CATALOGUE, inbound.call);
        return { form: formOf(definition, given) };
      }
      const [text, values]: [string, Record<string, string>] =
        inbound.kind === "press" && inbound.action.name === "test.judge"
          ? ["judge", { verdict: "wrong", about: inbound.action.subject }]
          : ["filters save", { service: "checkout" }];
      return { form: formOf(nameCall(CATALOGUE, { text }).definition, values) };
    },
    mistakes: (call) => mistakesIn(nameCall(CATALOGUE, call)),
    async suggest(ask) {
      asks.push(ask);
      return this.suggestions.filter((value) => value.startsWith(ask.typed));
    },
    answer(reply) {
      handle = async () => reply;
    },
    answerWith(next) {
      handle = next;
    },
    refuseForms(card) {
      refused = card;
    },
  };
}

function option(name: string, kind: OptionDefinition["kind"], required: boolean): OptionDefinition<string> {
  return { name, kind, required, description: `The ${name}`, parse: (raw) => raw };
}

function name(raw: string): string {
  if (/^[\w-]+$/.test(raw)) return raw;
  throw new UserError(`"${raw}" is not a name: letters and digits only.`);
}

/** Enough of a catalogue to type, complete and be answered in both ways. */
const CATALOGUE: readonly CommandDefinition[] = [
  {
    name: "help",
    summary: "What there is, with examples",
    examples: ["help", "help analyze"],
    role: "viewer",
    visibility: "caller",
    options: [{ ...option("command", "command", false), takesRest: true }],
  },
  {
    name: "status",
    summary: "What is watched, and what is broken",
    examples: ["status"],
    role: "viewer",
    visibility: "channel",
    options: [],
  },
  {
    name: "analyze",
    summary: "Finds the likely cause, with the lines that prove it",
    examples: ["analyze checkout since:30m"],
    role: "viewer",
    visibility: "channel",
    options: [
      option("service", "service", true),
      option("since", "duration", false),
      option("namespace", "namespace", false),
    ],
  },
  {
    name: "errors",
    summary: "Groups of errors: how many, since when, which are new",
    examples: ["errors checkout since:1h"],
    role: "viewer",
    visibility: "channel",
    options: [option("service", "service", true), option("since", "duration", false)],
  },
  {
    name: "filters save",
    summary: "Keeps what is looked for often",
    examples: [],
    role: "viewer",
    visibility: "channel",
    options: [
      { ...option("name", "text", true), parse: name },
      option("service", "service", false),
      { ...option("levels", "level", false), list: true, choices: ["warn", "error", "fatal"] },
      { ...option("keep", "duration", false), usual: ["1h", "1d"] },
      { ...option("keywords", "text", false), takesRest: true, asTyped: true, maxChars: 2_000 },
    ],
    form: {
      title: "Save a filter",
      submitLabel: "Save",
      fields: ["name", "service", "levels", "keep", "keywords"],
    },
  },
  {
    name: "judge",
    summary: "Says whether it was right",
    examples: [],
    role: "viewer",
    visibility: "channel",
    options: [
      { ...option("verdict", "state", true), choices: ["right", "partly", "wrong"] },
      { ...option("about", "text", false), filledIn: true },
    ],
    form: { title: "Not right", submitLabel: "Send", fields: ["verdict", "about"] },
  },
  {
    name: "filters list",
    summary: "What is kept",
    examples: ["filters list"],
    role: "viewer",
    visibility: "channel",
    options: [],
  },
  {
    name: "secret",
    summary: "Answers only you",
    examples: ["secret"],
    role: "admin",
    visibility: "caller",
    options: [],
  },
  {
    name: "keys create",
    summary: "A new key, shown once",
    examples: [],
    role: "admin",
    visibility: "caller",
    options: [option("name", "text", true)],
    form: { title: "New key", submitLabel: "Create", fields: ["name"] },
    formOnly: true,
  },
];
