import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createAnthropic } from "../../../adapters/anthropic/index.ts";
import { languageModelContract } from "../../contract/languageModel.ts";
import { ask, KEY, SILENT } from "../../support/models/harness.ts";
import { openWire, type Wire } from "../../support/models/wire.ts";
import { messagesApi } from "./protocol.ts";

const NEVER = new AbortController().signal;
const JSON_TYPE = { "content-type": "application/json" };

languageModelContract(messagesApi);

describe("Anthropic", () => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await openWire();
  });
  afterAll(() => wire.close());
  beforeEach(() => wire.reset());
  const open = (baseUrl = wire.url) =>
    createAnthropic({ apiKey: KEY, baseUrl, models: ["claude-sonnet-4-5"], log: SILENT });
  const message = (more: object) => ({
    status: 200,
    headers: JSON_TYPE,
    body: [
      JSON.stringify({
        type: "message",
        content: [{ type: "text", text: "Yes." }],
        stop_reason: "end_turn",
        ...more,
      }),
    ],
  });

  test("is hosted, and asked by its Messages API, also at an address with a version", async () => {
    wire.next(message({}));
    const model = open(`${wire.url}/v1/`);
    expect(model).toMatchObject({ provider: "anthropic", runs: "hosted" });
    expect((await model.ask(ask("Why?"), NEVER)).outcome).toBe("answered");
    expect(wire.seen[0]?.path).toBe("/v1/messages");
    expect(wire.seen[0]?.body).toMatchObject({ max_tokens: 500, system: "You find root causes." });
    expect(wire.seen[0]?.body).not.toHaveProperty("temperature");
  });

  test("is told what to keep in its cache, in the last four places that say so", async () => {
    wire.next(message({}));
    const messages = [1, 2, 3, 4, 5].flatMap((n) => [
      { role: "user" as const, text: `evidence ${n}`, keeps: true as const },
      { role: "model" as const, text: `answer ${n}` },
    ]);
    await open().ask(ask("", { messages: [...messages, { role: "user", text: "And now?" }] }), NEVER);
    const marked = wire.seen[0]?.body.messages
      .flatMap(({ content }: { content: { text: string; cache_control?: unknown }[] }) => content)
      .filter((block: { cache_control?: unknown }) => block.cache_control !== undefined);
    expect(marked).toEqual(
      [2, 3, 4, 5].map((n) => ({
        type: "text",
        text: `evidence ${n}`,
        cache_control: { type: "ephemeral" },
      })),
    );
  });

  test("counts all of the prompt: what is new, what was cached, and what is being cached", async () => {
    wire.next(
      message({
        usage: {
          input_tokens: 100,
          cache_read_input_tokens: 2_000,
          cache_creation_input_tokens: 300,
          output_tokens: 20,
        },
      }),
    );
    expect(await open().ask(ask("Why?"), NEVER)).toMatchObject({
      usage: { inputTokens: 2_400, cachedTokens: 2_000, outputTokens: 20 },
    });
  });

  test("is held to a schema also where it has tools", async () => {
    wire.next(message({ content: [{ type: "text", text: "{}" }] }));
    const json = { type: "object", properties: {}, required: [], additionalProperties: false };
    const tool = { name: "look", description: "Looks.", parameters: json };
    await open().ask(ask("Why?", { schema: { name: "finding", json }, tools: [tool] }), NEVER);
    expect(wire.seen[0]?.body).toMatchObject({
      output_config: { format: { type: "json_schema", schema: json } },
      tools: [{ name: "look", input_schema: json }],
    });
  });

  test.each(["pause_turn", null, "a reason to come"])("takes %p for no end", async (stop_reason) => {
    wire.next(message({ stop_reason }));
    expect((await open().ask(ask("Why?"), NEVER)).outcome).toBe("unusable");
  });

  test("is whole only when it says so with its last event", async () => {
    const { body = [], ...script } = messagesApi.stream({ texts: ["Yes."] });
    wire.next({ ...script, body: body.slice(0, -1) });
    const reply = await open().ask(ask("Why?", { onText: () => undefined }), NEVER);
    expect(reply.outcome).toBe("unusable");
  });

  test("does not take thoughts for text", async () => {
    wire.next(
      message({
        content: [
          { type: "thinking", thinking: "Hm.", signature: "x" },
          { type: "text", text: "Yes." },
        ],
      }),
    );
    expect(await open().ask(ask("Why?"), NEVER)).toMatchObject({ text: "Yes." });
  });

  test("is refused where the account's limit of spending is reached, which comes as a 429", async () => {
    const error = {
      type: "rate_limit_error",
      message: "…",
      details: { error_code: "enforced_spend_limit_reached" },
    };
    wire.next({ status: 429, headers: JSON_TYPE, body: [JSON.stringify({ type: "error", error })] });
    expect(await open().ask(ask("Why?"), NEVER)).toMatchObject({
      outcome: "refused",
      why: expect.stringMatching(/billing/),
    });
  });

  test("knows a model by its name without the date too", async () => {
    wire.next(messagesApi.modelsList(["claude-sonnet-4-5-20250929"]));
    expect(await open().health(NEVER)).toMatchObject({ ok: true });
  });

  test("takes nothing from the environment", async () => {
    const names = ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "ANTHROPIC_LOG"];
    for (const name of names) process.env[name] = "debug";
    try {
      wire.next(message({}));
      expect((await open().ask(ask("Why?"), NEVER)).outcome).toBe("answered");
      expect(wire.seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    } finally {
      for (const name of names) delete process.env[name];
    }
  });
});
