import { createOllama } from "../../../adapters/ollama/index.ts";
import type { ModelUsage } from "../../../src/models/languageModel.ts";
import { KEY, type Protocol, type SeenBody, SILENT } from "../../support/models/harness.ts";

const DONE = { whole: "stop", cut: "length", withheld: "stop" };
const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
const LINES = { "content-type": "application/x-ndjson" };

/** Ollama's own protocol. https://docs.ollama.com/api/chat */
export const ollamaApi: Protocol = {
  name: "ollama",
  leavesThinking: true,
  base: "",
  open: (baseUrl, models) => createOllama({ apiKey: KEY, baseUrl, models, log: SILENT }),
  keyHeader: ["authorization", `Bearer ${KEY}`],
  whole: ({ text, end = "whole", usage }) => ({
    status: 200,
    headers: JSON_TYPE,
    body: [
      JSON.stringify({
        message: { role: "assistant", content: text },
        done: true,
        done_reason: DONE[end],
        ...counted(usage),
      }),
    ],
  }),
  stream: ({ texts, end = "whole", usage }) => ({
    status: 200,
    headers: LINES,
    body: [
      ...texts.map((content) => line({ message: { role: "assistant", content }, done: false })),
      // Two lines that say nothing, as a model that thinks has them.
      line({ message: { role: "assistant", content: "", thinking: "Hm." }, done: false }),
      line({ message: { role: "assistant", content: "", thinking: "Well." }, done: false }),
      line({
        message: { role: "assistant", content: "" },
        done: true,
        done_reason: DONE[end],
        ...counted(usage),
      }),
    ],
  }),
  error: (status, kind, message) => ({
    status,
    headers: JSON_TYPE,
    body: [JSON.stringify({ error: TEXTS[kind] + message })],
  }),
  brokenStream: (texts) => ({
    status: 200,
    headers: LINES,
    body: [
      ...texts.map((content) => line({ message: { role: "assistant", content }, done: false })),
      line({ error: "an error was encountered while running the model: unexpected EOF" }),
    ],
  }),
  modelsList: (names) => ({
    status: 200,
    headers: JSON_TYPE,
    body: [JSON.stringify({ models: names.map((name) => ({ name, model: name })) })],
  }),
  schemaOf: (body) => body.format,
  toolsOf: (body) => body.tools.map((tool: SeenBody) => tool.function.name),
  resultsOf: (body) =>
    body.messages.filter(({ role }: SeenBody) => role === "tool").map(({ content }: SeenBody) => content),
};

const TEXTS = {
  auth: "unauthorized ",
  quota: "you have reached your weekly usage limit, upgrade for higher limits: https://ollama.com/upgrade ",
  missing: "",
  "too long": "the input length exceeds the context length ",
  other: "",
};

function line(data: object): string {
  return `${JSON.stringify(data)}\n`;
}

function counted(usage: ModelUsage | undefined): object {
  return usage === undefined ? {} : { prompt_eval_count: usage.inputTokens, eval_count: usage.outputTokens };
}
