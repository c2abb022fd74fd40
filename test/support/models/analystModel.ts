import { type ChatCompletionRequest, LLMock } from "@copilotkit/aimock";
import { openWire, type SeenRequest, type Wire } from "./wire.ts";

/** A provider on loopback whose model reads the evidence it is sent, and answers as a good one would. */
export interface AnalystServer {
  /** Without the path that a base URL has. */
  url: string;
  wire: Wire;
  close(): Promise<void>;
}

/** aimock itself counts nothing in Anthropic's and Ollama's form. */
const USAGE = { input_tokens: 1_200, prompt_tokens: 1_200, output_tokens: 90, completion_tokens: 90 };

type FixtureResponse = { content: string } | { toolCalls: { name: string; arguments: string }[] };

/** @param pieceMs between two pieces of an answer that is streamed */
export async function openAnalystServer({ pieceMs = 0 } = {}): Promise<AnalystServer> {
  const mock = new LLMock({
    port: 0,
    host: "127.0.0.1",
    logLevel: "silent",
    chunkSize: 12,
    latency: pieceMs,
  });
  mock.on({ predicate: () => true }, (request) => ({ ...answerTo(request), usage: USAGE }));
  await mock.start();
  const wire = await openWire(() => mock.url);
  return {
    url: wire.url,
    wire,
    async close() {
      await wire.close();
      await mock.stop();
    },
  };
}

/** What a request asks, whichever provider's form it has. */
export const asksForCause = ({ body }: SeenRequest) => isAboutCause(JSON.stringify(body ?? ""));
export const asks = (question: string) => (request: SeenRequest) =>
  questionIn(JSON.stringify(request.body ?? "").replaceAll('\\"', '"')) === question;

function isAboutCause(text: string): boolean {
  return text.includes("What is the root cause?") && !text.includes("Answer the last question");
}

/** The last one: those before it were answered. */
function questionIn(text: string): string | undefined {
  return [...text.matchAll(/Question: \\?"(.*?)\\?"(?=\W|$)/g)].at(-1)?.[1];
}

function answerTo(request: ChatCompletionRequest): FixtureResponse {
  const texts = request.messages.map(({ content }) => textOf(content));
  const evidence = texts.find((text) => text.includes("The evidence stands between")) ?? "";
  if (isAboutCause(texts.join("\n"))) return { content: JSON.stringify(causeIn(evidence)) };
  const question = questionIn(texts.join("\n")) ?? "";
  const asked = texts.findLastIndex((text) => text.includes("Answer the last question"));
  const results = request.messages.slice(asked + 1).filter(({ role }) => role === "tool");
  const service = /what did (?:the )?([\w-]+) (?:log|say)/i.exec(question)?.[1];
  if (service !== undefined && results.length === 0) return lookFor(service, texts[asked] ?? "");
  if (service !== undefined) {
    const number = /\[(\d+)\]/.exec(textOf(results[0]?.content ?? ""))?.[1];
    return { content: `The ${service} wrote what it always writes, and nothing new [${number}].` };
  }
  const first = numbersOf(evidence, "orders-db")[0] ?? 1;
  return {
    content: [
      `The database came first and its callers followed within seconds [${first}].`,
      "Nobody else was hurt before that moment as far as anyone can tell from here.",
      `I rest this on how quickly the counts rose, which is hard to explain otherwise [${first}].`,
    ].join(" "),
  };
}

/** The database's own line for it, and its caller's; and one number that is a lie. */
function causeIn(evidence: string) {
  const [database = 1] = numbersOf(evidence, "orders-db");
  const [caller = 2] = numbersOf(evidence, "checkout");
  return {
    verdict: "cause visible",
    hypotheses: [
      {
        cause: "The database has no free session left, so those who call it fail",
        service: "orders-db",
        for: [
          { evidence: database, quote: "too many clients" },
          { evidence: caller, quote: "" },
        ],
        against: [],
        confidence: 0.9,
      },
      {
        cause: "The callers open more sessions than they were made for",
        service: "checkout",
        for: [{ evidence: caller, quote: "" }],
        against: [{ evidence: database, quote: "" }],
        confidence: 0.3,
      },
    ],
    summary: [
      {
        sentence: "First the database turned sessions away, then checkouts failed",
        evidence: [database, caller],
      },
      { sentence: "A meteor is to blame for all that followed", evidence: [98] },
    ],
    nextStep: { advice: "See who holds the sessions", command: "select count(*) from pg_stat_activity" },
    lookAt: [],
  };
}

function numbersOf(evidence: string, service: string): number[] {
  const item = new RegExp(`^\\[(\\d+)\\] \\{"service":"${service}"`, "gm");
  return [...evidence.matchAll(item)].map(([, number]) => Number(number));
}

function lookFor(service: string, told: string): FixtureResponse {
  const nowMs = Date.parse(/It is (\S+Z) now/.exec(told)?.[1] ?? "");
  const from = new Date(nowMs - 30 * 60_000).toISOString();
  const to = new Date(nowMs + 60_000).toISOString();
  return {
    toolCalls: [{ name: "search_lines", arguments: JSON.stringify({ service, text: "", from, to }) }],
  };
}

function textOf(content: ChatCompletionRequest["messages"][number]["content"]): string {
  if (content === null) return "";
  return typeof content === "string"
    ? content
    : content.map((part) => ("text" in part ? part.text : "")).join("");
}
