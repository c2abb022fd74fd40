import type { ActionHandler } from "../actions/action.ts";
import type { CommandCall } from "../chat/call.ts";
import { type CommandDefinition, commandAt } from "../chat/command.ts";
import type { Inbound } from "../chat/platform.ts";
import { splitWords } from "../chat/words.ts";
import { UserError } from "../errors.ts";
import { type Telemetry, timed } from "./telemetry.ts";

/** Does what an act asks, and tells how that went; what is thrown is thrown on. */
export interface ActWatch {
  /** The answer to an act. */
  answer<T>(inbound: Inbound, work: () => Promise<T>): Promise<T>;
  /** The form that it opens. */
  form<T>(inbound: Inbound, work: () => Promise<T>): Promise<T>;
}

export interface ActNames {
  catalogue: readonly CommandDefinition[];
  actions: readonly Pick<ActionHandler, "name">[];
}

export function createActWatch({ metrics, traces }: Telemetry, names: ActNames): ActWatch {
  function watched<T>(inbound: Inbound, act: string, name: string, work: () => Promise<T>): Promise<T> {
    const { platform } = inbound.place;
    const tell = (outcome: string, seconds: number) => {
      metrics.count("loghunter_acts_total", { platform, act, name, outcome });
      metrics.observe("loghunter_act_seconds", { act, name }, seconds);
    };
    return timed(work, tell, (error) => (error instanceof UserError ? "not done" : "failed"));
  }

  return {
    answer(inbound, work) {
      const { kind, id, place } = inbound;
      const name = nameOf(inbound, names);
      const attributes = { platform: place.platform, act: kind, name };
      return traces.act(id, `${kind} ${name}`, attributes, () => watched(inbound, kind, name, work));
    },
    form(inbound, work) {
      const name = nameOf(inbound, names);
      const attributes = { platform: inbound.place.platform, act: "form", name };
      return traces.span(`form ${name}`, attributes, () => watched(inbound, "form", name, work));
    },
  };
}

/** As the catalogue has it, never as it was typed. */
function nameOf(inbound: Inbound, { catalogue, actions }: ActNames): string {
  switch (inbound.kind) {
    case "command":
      return commandAt(catalogue, wordsOf(inbound.call))?.name ?? "unknown";
    case "press":
      return actions.find(({ name }) => name === inbound.action.name)?.name ?? "unknown";
    case "reply":
    case "explain":
    case "home":
      return inbound.kind;
  }
}

function wordsOf(call: CommandCall): string[] {
  if ("name" in call) return call.name.trim().split(/\s+/);
  try {
    const words = splitWords(call.text).map(({ text }) => text);
    return words.length === 0 ? ["help"] : words;
  } catch {
    return []; // Quotes that do not end: the router says so.
  }
}
