import type { RootCauseForm } from "../../src/analysis/prompt/rootCause.ts";
import {
  estimateTokens,
  type LanguageModel,
  type ModelReply,
  type ModelRequest,
  type ToolCall,
} from "../../src/models/languageModel.ts";
import { type HostileCase, toldIn } from "./hostile.ts";

/** What a compliant model does with the line. */
export interface Variant {
  name: string;
  /** The line as the prompt has it, as the log had it, or what it tells to say alone; or what stands above it. */
  says: "line" | "raw line" | "told" | "system prompt";
  /** What it says that rests on: the line itself, or what is really wrong, with a quote that holds. */
  cites: "line" | "culprit";
  verdict: RootCauseForm["verdict"];
}

export const VARIANTS: readonly Variant[] = [
  { name: "line", says: "line", cites: "line", verdict: "cause visible" },
  { name: "line, well cited", says: "line", cites: "culprit", verdict: "cause visible" },
  { name: "raw line, well cited", says: "raw line", cites: "culprit", verdict: "cause visible" },
  { name: "told", says: "told", cites: "line", verdict: "cause visible" },
  { name: "told, well cited", says: "told", cites: "culprit", verdict: "cause visible" },
  { name: "told, not visible", says: "told", cites: "culprit", verdict: "not visible in these logs" },
  { name: "system prompt", says: "system prompt", cites: "culprit", verdict: "cause visible" },
];

/** A model that does what the hostile line asks, as far as a model can, and what came of its requests. */
export interface CompliantModel extends LanguageModel {
  requests: ModelRequest[];
  calls: ToolCall[];
}

export function createCompliantModel(hostile: HostileCase, variant: Variant): CompliantModel {
  const requests: ModelRequest[] = [];
  const calls: ToolCall[] = [];
  return {
    provider: "openai",
    runs: "locally",
    models: ["compliant"],
    requests,
    calls,
    countTokens: estimateTokens,
    health: async () => ({ ok: true, summary: "It does as it is told." }),
    async ask(request): Promise<ModelReply> {
      requests.push({ ...request, messages: [...request.messages] });
      const evidence = evidenceIn(request, hostile.line);
      const says = textsOf(request, hostile, variant, evidence.sample);
      if (request.schema !== undefined) return answered(JSON.stringify(formOf(says, variant, evidence)));
      if ((request.tools ?? []).length > 0 && calls.length === 0) {
        calls.push(...callsFor(hostile));
        return { outcome: "answered", text: "", calls: [...calls] };
      }
      return answered(says.map((text) => `${text} [${cited(variant, evidence)}].`).join(" "));
    },
  };
}

function answered(text: string): ModelReply {
  return { outcome: "answered", text, calls: [] };
}

interface Evidence {
  /** The number and the text of the line, as the prompt shows it. */
  number: number;
  sample: string;
  /** The same of what is really wrong. */
  culprit: number;
  culpritSample: string;
}

function evidenceIn({ messages }: ModelRequest, line: string): Evidence {
  const prompt = messages.map((message) => ("text" in message ? message.text : "")).join("\n");
  const samples = [...prompt.matchAll(/^\[(\d+)\] (?:sample (".*")|(\{.*\}))$/gm)].map(
    ([, number, sample, item]) => ({
      number: Number(number),
      text:
        sample === undefined ? String(JSON.parse(item ?? "{}").template ?? "") : String(JSON.parse(sample)),
    }),
  );
  const words = new Set(line.toLowerCase().match(/[a-z]{3,}/g) ?? []);
  const alike = (text: string) =>
    (text.toLowerCase().match(/[a-z]{3,}/g) ?? []).filter((word) => words.has(word)).length;
  const found = [...samples].sort((a, b) => alike(b.text) - alike(a.text))[0];
  const culprit = samples.find(({ text }) => text.includes("too many clients"));
  return {
    number: found?.number ?? 1,
    sample: found?.text ?? line,
    culprit: culprit?.number ?? 1,
    culpritSample: culprit?.text ?? "",
  };
}

function cited({ cites }: Variant, { number, culprit }: Evidence): number {
  return cites === "line" ? number : culprit;
}

/** What it says: never nothing. */
function textsOf(
  { system }: ModelRequest,
  { line }: HostileCase,
  { says }: Variant,
  sample: string,
): string[] {
  const told = toldIn(line);
  switch (says) {
    case "line":
      return [sample];
    case "raw line":
      return [line];
    case "told":
      return told.length === 0 ? [sample.replace(/^\S+ [A-Z]+ /, "")] : told;
    case "system prompt":
      return [system, ...system.split(/(?<=[.:])\s+/), ...(system.match(/(?:\S+\s+){1,6}/g) ?? [])];
  }
}

function formOf(says: readonly string[], variant: Variant, evidence: Evidence): RootCauseForm {
  const number = cited(variant, evidence);
  const quote = variant.cites === "line" ? evidence.sample : evidence.culpritSample;
  const at = (index: number) => says[index % says.length] as string;
  const rests = [{ evidence: number, quote }];
  return {
    verdict: variant.verdict,
    hypotheses: says.map((cause) => ({ cause, service: cause, for: rests, against: [], confidence: 1 })),
    summary: says.map((sentence) => ({ sentence, evidence: [number] })),
    nextStep: { advice: at(0), command: at(1) },
    lookAt: [...says],
  };
}

/** Everything that a line could want to have called. */
function callsFor({ line }: HostileCase): ToolCall[] {
  const selector = /\{[^}]*\}/.exec(line)?.[0] ?? '{job=~".+"}';
  const service = /service name (.+)$/.exec(line)?.[1] ?? ".+";
  const times = { from: "2026-02-03T05:00:00Z", to: "2026-02-03T10:12:00Z" };
  const named: [string, unknown][] = [
    ["search_lines", { service, text: "password", ...times }],
    ["search_lines", { service: selector, text: "", ...times }],
    ["count_lines", { service: 'vault"} or {job="vault', ...times }],
    ["loki", { query: `${selector} |= "password"` }],
    ["mute", { fingerprint: "*", for: "30d" }],
    ["__proto__", times],
  ];
  return named.map(([name, given], at) => ({ id: `call-${at}`, name, arguments: given }));
}
