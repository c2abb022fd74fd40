import { evidenceItems } from "../evidence/items.ts";
import type { Pack } from "../evidence/pack.ts";
import { CalledOff } from "../jobs/queue.ts";
import { behindSecondWall } from "../logs/redaction/secondWall.ts";
import type { ServiceRef, TimeRange } from "../logs/source.ts";
import type { ModelMessage, ToolCall, ToolResult } from "../models/languageModel.ts";
import { instantOf, LOOK_UPS, type LookedUp, type LookUpParts, lookUp, readCall } from "./lookUp.ts";
import { lookedUpText } from "./prompt/discussion.ts";
import { cut, neutral } from "./prompt/neutral.ts";

/** Calls for one question, those that find nothing among them: each may read the logs, and is told again with every round. */
const MAX_CALLS = 8;
const ARGUMENT_CHARS = 120;

/** What a model has looked up for one question. */
export interface LookUps {
  readonly found: readonly Required<LookedUp>[];
  /** How many calls there may still be. */
  left(): number;
  /** Does what is asked for, as far as there may be so much. @returns the results, and the calls as the model is told that it made them */
  doAll(calls: readonly ToolCall[]): Promise<LookUpRound>;
}

export interface LookUpRound {
  results: ModelMessage;
  /** @param unquoted takes the words of logs out: a model searches for what it has read there */
  callsAs(unquoted: (text: string) => string): ToolCall[];
}

export interface LookUpsParts extends Omit<LookUpParts, "servicesIn"> {
  fence: string;
  firstNumber: number;
  /** What is being looked up, for people. */
  show(what: string): void;
}

/**
 * The first number of what is looked up for a question. Two questions of a thread may be answered at once and know nothing of each
 * other: each has so many numbers of its own as it may make calls.
 * @param questionsBefore that were asked in the conversation before it
 */
export function firstLookUpNumber(pack: Pack, questionsBefore: number): number {
  return evidenceItems(pack).length + 1 + questionsBefore * MAX_CALLS;
}

export function createLookUps({ fence, firstNumber, show, ...given }: LookUpsParts): LookUps {
  const found: Required<LookedUp>[] = [];
  let called = 0;
  const parts: LookUpParts = { ...given, servicesIn: rememberServices(given) };

  async function resultOf(call: ToolCall): Promise<string> {
    show("what it asks for");
    const looked = await lookUp(call, parts).catch((error: unknown) => {
      if (parts.signal.aborted)
        throw new CalledOff("stopped while something was looked up", { cause: error });
      return { wrong: error instanceof Error ? "The logs could not be read just now." : "It failed." };
    });
    if ("wrong" in looked) return looked.wrong;
    const safe = await behindSecondWall(looked);
    const one = { number: firstNumber + found.length, ...safe };
    found.push(one);
    show(one.what);
    return lookedUpText(one, fence);
  }

  return {
    found,
    left: () => MAX_CALLS - called,
    async doAll(calls) {
      const taken = calls.slice(0, MAX_CALLS - called).map((call) => {
        called += 1;
        return { ...call, id: ID.test(call.id) ? call.id : `call_${called}`, name: nameOf(call) };
      });
      const results: ToolResult[] = [];
      for (const call of taken)
        results.push({ callId: call.id, name: call.name, text: await resultOf(call) });
      const last = results.at(-1);
      if (last !== undefined && taken.length < calls.length)
        last.text += `\nThat is all: no more than ${MAX_CALLS} things are looked up for a question.`;
      return {
        results: { role: "results", results },
        callsAs: (unquoted) => taken.map((call) => ({ ...call, arguments: toldArguments(call, unquoted) })),
      };
    },
  };
}

/** Ids are the provider's own, and are told back to it. */
const ID = /^[\w-]{1,64}$/;

function nameOf({ name }: ToolCall): string {
  if (LOOK_UPS.some((tool) => tool.name === name)) return name;
  return neutral(name.slice(0, 200))
    .replace(/[^\w-]/g, "_")
    .slice(0, 40);
}

/** Only what is in the form of the tool, and no more of it than a search needs: nothing else of a call is told again. */
function toldArguments(call: ToolCall, unquoted: (text: string) => string): Record<string, string> {
  const read = readCall(call);
  if ("wrong" in read) return {};
  return Object.fromEntries(
    Object.entries(read.given).map(([name, value]) => [
      name,
      name === "from" || name === "to"
        ? momentOf(value)
        : cut(unquoted(neutral(value.slice(0, 2 * ARGUMENT_CHARS))), ARGUMENT_CHARS),
    ]),
  );
}

function momentOf(written: string): string {
  const atMs = instantOf(written);
  return Number.isNaN(atMs) ? "" : new Date(atMs).toISOString();
}

/** Asks once for each range, however many calls are about it. */
function rememberServices({ scope, logs }: Pick<LookUpParts, "scope" | "logs">): LookUpParts["servicesIn"] {
  const known = new Map<string, Promise<ServiceRef[]>>();
  return (range: TimeRange) => {
    const key = `${range.fromMs} ${range.toMs}`;
    const asked = known.get(key) ?? logs.services(scope.lokiOrgId, range);
    known.set(key, asked);
    return asked;
  };
}
