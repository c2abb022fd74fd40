import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createOllama, type OllamaOptions } from "../../../adapters/ollama/index.ts";
import { languageModelContract } from "../../contract/languageModel.ts";
import { ask, SILENT } from "../../support/models/harness.ts";
import { openWire, type Wire } from "../../support/models/wire.ts";
import { ollamaApi } from "./protocol.ts";

const NEVER = new AbortController().signal;

languageModelContract(ollamaApi);

describe("Ollama", () => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await openWire();
  });
  afterAll(() => wire.close());
  beforeEach(() => wire.reset());
  const open = (more: Partial<OllamaOptions> = {}) =>
    createOllama({ baseUrl: wire.url, models: ["gpt-test:1b"], log: SILENT, ...more });
  const sent = () => wire.seen.at(-1)?.body;

  test("runs locally, is kept loaded, and is told not to cut prompts in silence", async () => {
    wire.next(ollamaApi.whole({ text: "Yes." }));
    expect(open()).toMatchObject({ provider: "ollama", runs: "locally" });
    await open().ask(ask("Why?"), NEVER);
    expect(sent()).toMatchObject({
      keep_alive: "30m",
      truncate: false,
      shift: false,
      options: { num_ctx: 4_096, num_predict: 500 },
    });
    expect(wire.seen.at(-1)?.headers).not.toHaveProperty("authorization");
  });

  test("gets a context that the prompt and the answer fit into, in few steps, since each makes it load anew", async () => {
    const lengths: number[] = [];
    for (const chars of [5_000, 9_500, 20_000, 60_000]) {
      wire.next(ollamaApi.whole({ text: "Yes." }));
      await open().ask(ask("x".repeat(chars)), NEVER);
      lengths.push(sent().options.num_ctx);
    }
    expect(lengths).toEqual([4_096, 8_192, 16_384, 32_768]);
    wire.next(ollamaApi.whole({ text: "Yes." }));
    await open().ask(ask("中".repeat(5_000)), NEVER);
    expect(sent().options.num_ctx).toBe(8_192);
  });

  test("is not asked what does not fit into the memory there is", async () => {
    const reply = await open({ contextTokens: 8_000 }).ask(ask("x".repeat(30_000)), NEVER);
    expect(reply).toMatchObject({
      outcome: "refused",
      why: expect.stringMatching(/12\d\d\d tokens.*8000.*OLLAMA_CONTEXT_TOKENS/),
    });
    expect(wire.seen).toEqual([]);
    wire.next(ollamaApi.whole({ text: "Yes." }));
    await open({ contextTokens: 8_000 }).ask(ask("x".repeat(15_000)), NEVER);
    expect(sent().options.num_ctx).toBe(8_000);
  });

  test("is told of a schema in words too, and in words alone where it has tools", async () => {
    const json = { type: "object", properties: {}, additionalProperties: false };
    const tool = { name: "look", description: "Looks.", parameters: json };
    for (const tools of [[], [tool]]) {
      wire.next(ollamaApi.whole({ text: "{}" }));
      await open().ask(ask("Why?", { schema: { name: "finding", json }, tools }), NEVER);
      expect(sent().messages[0].content).toContain(JSON.stringify(json));
      expect(sent().format).toEqual(tools.length === 0 ? json : undefined);
    }
  });

  test("says how to get a model that is missing", async () => {
    const why = expect.stringContaining("ollama pull gpt-test:1b");
    wire.next(ollamaApi.error(404, "missing", 'model "gpt-test:1b" not found, try pulling it first'));
    expect(await open().ask(ask("Why?"), NEVER)).toMatchObject({ outcome: "refused", why });
    wire.next(ollamaApi.modelsList(["other:latest"]));
    expect(await open().health(NEVER)).toEqual({ ok: false, summary: why });
  });

  test("knows a model without a tag by that of the tag latest", async () => {
    wire.next(ollamaApi.modelsList(["qwen3:latest"]));
    expect(await open({ models: ["qwen3"] }).health(NEVER)).toMatchObject({ ok: true });
  });

  test.each([
    ["model requires more system memory (9.3 GiB) than is available (4.1 GiB)", 500, "refused"],
    ["models.example/library/x:latest does not support tools", 400, "refused"],
    ["llama runner process has terminated: signal: killed", 500, "later"],
    ["server busy, please try again. maximum pending requests exceeded", 503, "later"],
  ])("takes %j for what it is", async (text, status, outcome) => {
    wire.next(ollamaApi.error(status, "other", text));
    const reply = await open().ask(ask("Why?"), NEVER);
    expect(reply.outcome).toBe(outcome);
    expect(JSON.stringify(reply)).not.toContain("GiB");
  });

  test("has no ids for calls, so that they are made: no two alike", async () => {
    const call = { function: { name: "look", arguments: { a: 1 } } };
    const body = { message: { content: "", tool_calls: [call, call] }, done: true, done_reason: "stop" };
    wire.next({ status: 200, headers: { "content-type": "application/json" }, body: [JSON.stringify(body)] });
    const reply = await open().ask(ask("Why?"), NEVER);
    if (reply.outcome !== "answered") throw new Error(reply.why);
    expect(new Set(reply.calls.map(({ id }) => id)).size).toBe(2);
  });

  test("that is unloaded in the middle has not answered", async () => {
    const body = { message: { content: "The po" }, done: true, done_reason: "unload" };
    wire.next({ status: 200, headers: { "content-type": "application/json" }, body: [JSON.stringify(body)] });
    expect((await open().ask(ask("Why?"), NEVER)).outcome).toBe("unusable");
  });
});
