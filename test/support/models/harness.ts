import { LLMock } from "@copilotkit/aimock";
import { expect } from "@jest/globals";
import { createLog } from "../../../src/log.ts";
import type {
  LanguageModel,
  ModelReply,
  ModelRequest,
  ModelUsage,
} from "../../../src/models/languageModel.ts";
import { openWire, type Script, type Wire } from "./wire.ts";

/** How an answer ends, in words that each provider has its own for. */
export type End = "whole" | "cut" | "withheld";

/** What an adapter's contract tests need to know of its provider's protocol. */
export interface Protocol {
  name: string;
  /** Its servers may leave what a model thinks in the text of its answer. */
  leavesThinking?: boolean;
  /** The path that a base URL has. */
  base: string;
  open(baseUrl: string, models: readonly string[]): LanguageModel;
  /** The key that it is opened with, as a header has it. */
  keyHeader: readonly [name: string, value: string];
  /** Bodies as the provider writes them. */
  whole(answer: { text: string; end?: End; usage?: ModelUsage }): Script;
  /** One piece an event; the last ones say that it is whole. */
  stream(answer: { texts: readonly string[]; end?: End; usage?: ModelUsage }): Script;
  error(status: number, kind: "auth" | "quota" | "missing" | "too long" | "other", message: string): Script;
  /** Text, then an error of the provider being overloaded, within a stream that began well. */
  brokenStream(texts: readonly string[]): Script;
  modelsList(names: readonly string[]): Script;
  /** Where the schema is in a request. */
  schemaOf(body: SeenBody): unknown;
  /** The tools' names, and the texts of results, in a request. */
  toolsOf(body: SeenBody): string[];
  resultsOf(body: SeenBody): string[];
}

// biome-ignore lint/suspicious/noExplicitAny: providers' own forms.
export type SeenBody = any;

/** One that is easily found wherever it should not be. */
export const KEY = "sk-test-4242-never-to-be-seen";
/** A line of a log, which nobody is to read in a sentence about a model. */
export const LINE = "ERROR payments: card 4111-1111 of alice@example.com refused";
export const MODEL = "gpt-test:1b";
export const SILENT = createLog("silent");

export interface Stage {
  mock: LLMock;
  wire: Wire;
  /** At the wire. */
  model: LanguageModel;
  close(): Promise<void>;
}

export async function openStage(protocol: Protocol): Promise<Stage> {
  const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent", chunkSize: 8 });
  await mock.start();
  const wire = await openWire(() => mock.url);
  return {
    mock,
    wire,
    model: protocol.open(`${wire.url}${protocol.base}`, [MODEL]),
    async close() {
      await wire.close();
      await mock.stop();
    },
  };
}

export function ask(text: string, more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: MODEL,
    system: "You find root causes.",
    messages: [{ role: "user", text }],
    maxOutputTokens: 500,
    ...more,
  };
}

/** Asks whole and in pieces, and sees to it that what came of it holds no secret. */
export async function askBoth({ wire, model }: Stage, script: Script): Promise<ModelReply[]> {
  const replies: ModelReply[] = [];
  for (const onText of [{}, { onText: () => undefined }]) {
    wire.next(script);
    replies.push(await model.ask(ask(LINE, onText), new AbortController().signal));
  }
  for (const reply of replies) expectNoSecret(reply);
  return replies;
}

function expectNoSecret(reply: ModelReply): void {
  const text = JSON.stringify(reply);
  for (const secret of [KEY, "4111", "alice", "root causes", "proxy.example"])
    expect(text).not.toContain(secret);
  // One sentence for an operator, or two.
  if (reply.outcome !== "answered") expect(reply.why).toMatch(/^(?:[A-Z]|vLLM).{10,260}\.$/);
}
