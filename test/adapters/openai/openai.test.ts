import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createOpenAi } from "../../../adapters/openai/index.ts";
import { languageModelContract } from "../../contract/languageModel.ts";
import { ask, KEY, SILENT } from "../../support/models/harness.ts";
import { openWire, type Wire } from "../../support/models/wire.ts";
import { chatCompletions } from "./protocol.ts";

const protocol = chatCompletions("openai");
const NEVER = new AbortController().signal;

languageModelContract(protocol);

describe("OpenAI", () => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await openWire();
  });
  afterAll(() => wire.close());
  beforeEach(() => wire.reset());
  const open = (apiKey = KEY) =>
    createOpenAi({ apiKey, baseUrl: `${wire.url}/v1`, models: ["gpt-5"], log: SILENT });

  test("is hosted, and called by its name alone at its own address", async () => {
    expect(open()).toMatchObject({ provider: "openai", runs: "hosted", models: ["gpt-5"] });
    const own = createOpenAi({ apiKey: KEY, models: ["gpt-5"], log: SILENT });
    const reply = await own.ask(ask("Why?"), AbortSignal.abort());
    expect(reply).toMatchObject({ why: "OpenAI had not answered when the request was given up." });
  });

  test("takes the new name of the limit, and no temperature, which newer models refuse", async () => {
    wire.next(protocol.whole({ text: "Yes." }));
    await open().ask(ask("Why?"), NEVER);
    expect(wire.seen[0]?.body).toMatchObject({ max_completion_tokens: 500 });
    expect(wire.seen[0]?.body).not.toHaveProperty("max_tokens");
    expect(wire.seen[0]?.body).not.toHaveProperty("temperature");
  });

  test("is held to a schema strictly, also where it has tools, by a name it takes", async () => {
    wire.next(protocol.whole({ text: "{}" }));
    const json = { type: "object", properties: {}, required: [], additionalProperties: false };
    const tool = { name: "look", description: "Looks.", parameters: json };
    await open().ask(ask("Why?", { schema: { name: "root cause", json }, tools: [tool] }), NEVER);
    expect(wire.seen[0]?.body.response_format).toEqual({
      type: "json_schema",
      json_schema: { name: "root_cause", strict: true, schema: json },
    });
  });

  test("takes nothing from the environment", async () => {
    const names = ["OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL", "OPENAI_LOG"];
    for (const name of names) process.env[name] = "debug";
    try {
      wire.next(protocol.whole({ text: "Yes." }));
      expect((await open().ask(ask("Why?"), NEVER)).outcome).toBe("answered");
      expect(wire.seen[0]?.headers).not.toHaveProperty("openai-organization");
      expect(wire.seen[0]?.headers).not.toHaveProperty("openai-project");
    } finally {
      for (const name of names) delete process.env[name];
    }
  });

  test("counts what came from the cache as part of the prompt", async () => {
    const usage = { inputTokens: 2_000, cachedTokens: 1_536, outputTokens: 9 };
    wire.next(protocol.whole({ text: "Yes.", usage }));
    expect(await open().ask(ask("Why?"), NEVER)).toMatchObject({ usage });
  });

  test("gives a refusal of the model itself for withheld", async () => {
    const message = { role: "assistant", content: null, refusal: "I can't help with that." };
    wire.next({
      status: 200,
      headers: { "content-type": "application/json" },
      body: [JSON.stringify({ choices: [{ index: 0, finish_reason: "stop", message }] })],
    });
    const reply = await open().ask(ask("Why?"), NEVER);
    expect(reply).toMatchObject({ outcome: "unusable", why: expect.stringMatching(/withheld/) });
  });

  test("gives arguments that are no JSON as undefined, and none as none", async () => {
    const called = (written: string) => ({
      id: "call_1",
      type: "function",
      function: { name: "look", arguments: written },
    });
    const message = { role: "assistant", content: null, tool_calls: [called('{"a":'), called("")] };
    wire.next({
      status: 200,
      headers: { "content-type": "application/json" },
      body: [JSON.stringify({ choices: [{ index: 0, finish_reason: "tool_calls", message }] })],
    });
    const reply = await open().ask(ask("Why?"), NEVER);
    if (reply.outcome !== "answered") throw new Error(reply.why);
    expect(reply.calls.map((call) => call.arguments)).toEqual([undefined, {}]);
  });

  test("names what is wrong with a request without repeating what was said of it", async () => {
    const error = {
      message: `Invalid schema ${KEY}`,
      type: "invalid_request_error",
      param: "response_format",
    };
    wire.next({
      status: 400,
      headers: { "content-type": "application/json" },
      body: [JSON.stringify({ error })],
    });
    expect(await open().ask(ask("Why?"), NEVER)).toEqual({
      outcome: "refused",
      why: expect.stringMatching(/complains of response_format \(HTTP 400\)\.$/),
    });
  });

  test.each(["", "  ", "sk-a\nb", "sk-ключ"])("refuses %j as a key at once, without repeating it", (key) => {
    expect(() => open(key)).toThrow(/^OPENAI_API_KEY is empty or holds/);
  });

  test("takes a key with the line end it was copied with", async () => {
    wire.next(protocol.whole({ text: "Yes." }));
    await open(`${KEY}\n`).ask(ask("Why?"), NEVER);
    expect(wire.seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  test("counts tokens as OpenAI does, estimates those of others' models, and takes marks in a line for text", () => {
    const model = open();
    expect(model.countTokens("hello world", "gpt-5")).toBe(2);
    expect(model.countTokens("hello world", "openai/gpt-4o")).toBe(2);
    expect(model.countTokens("hello world", "llama-3.3-70b")).toBe(5);
    expect(model.countTokens("<|endoftext|>", "gpt-5")).toBeGreaterThan(1);
  });
});
