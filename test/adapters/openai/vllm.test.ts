import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createVllm } from "../../../adapters/openai/index.ts";
import { languageModelContract } from "../../contract/languageModel.ts";
import { ask, SILENT } from "../../support/models/harness.ts";
import { openWire, type Wire } from "../../support/models/wire.ts";
import { chatCompletions } from "./protocol.ts";

const protocol = chatCompletions("vllm");
const NEVER = new AbortController().signal;
const models = ["Qwen/Qwen3-8B"];
const SCHEMA = { name: "finding", json: { type: "object", properties: {}, additionalProperties: false } };
const TOOL = { name: "look", description: "Looks.", parameters: { type: "object", properties: {} } };

languageModelContract(protocol);

describe("vLLM", () => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await openWire();
  });
  afterAll(() => wire.close());
  beforeEach(() => wire.reset());

  test("runs locally and is called by its own name", () => {
    const model = createVllm({ baseUrl: wire.url, models, log: SILENT });
    expect(model).toMatchObject({ provider: "vllm", runs: "locally", models });
  });

  test("is sent no key where it has none, and is found by the address of its server alone", async () => {
    wire.next(protocol.whole({ text: "Yes." }));
    const model = createVllm({ baseUrl: wire.url, models, log: SILENT });
    expect((await model.ask(ask("Why?"), NEVER)).outcome).toBe("answered");
    expect(wire.seen[0]?.path).toBe("/v1/chat/completions");
    expect(wire.seen[0]?.headers).not.toHaveProperty("authorization");
  });

  test("takes the old name of the limit, and its models' own temperature", async () => {
    wire.next(protocol.whole({ text: "Yes." }));
    await createVllm({ baseUrl: wire.url, models, log: SILENT }).ask(ask("Why?"), NEVER);
    expect(wire.seen[0]?.body).toMatchObject({ max_tokens: 500 });
    expect(wire.seen[0]?.body).not.toHaveProperty("max_completion_tokens");
    expect(wire.seen[0]?.body).not.toHaveProperty("temperature");
  });

  test("is told of the schema in words where it has tools, which it could not call otherwise", async () => {
    wire.next(protocol.whole({ text: '{"x":1}' }));
    const model = createVllm({ baseUrl: wire.url, models, log: SILENT });
    await model.ask(ask("Why?", { schema: SCHEMA, tools: [TOOL] }), NEVER);
    expect(wire.seen[0]?.body).not.toHaveProperty("response_format");
    expect(wire.seen[0]?.body.messages[0].content).toContain('"additionalProperties":false');
  });

  test("says in its own words, without a cover, that a request is too long", async () => {
    wire.next({
      status: 400,
      headers: { "content-type": "application/json" },
      body: [
        JSON.stringify({
          object: "error",
          message: "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.",
          type: "BadRequestError",
          code: 400,
        }),
      ],
    });
    const reply = await createVllm({ baseUrl: wire.url, models, log: SILENT }).ask(ask("Why?"), NEVER);
    expect(reply).toMatchObject({ outcome: "refused", why: expect.stringMatching(/longer than/) });
  });
});
