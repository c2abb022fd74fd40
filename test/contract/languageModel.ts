import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { LanguageModel, ModelReply } from "../../src/models/languageModel.ts";
import { ask, MODEL, openStage, type Protocol, type Stage } from "../support/models/harness.ts";
import type { Script } from "../support/models/wire.ts";
import { breaksContract } from "./languageModelBreaks.ts";
import { refusalsContract } from "./languageModelRefusals.ts";

const FINDING = {
  type: "object",
  additionalProperties: false,
  required: ["cause", "sure"],
  properties: { cause: { type: "string" }, sure: { type: "boolean" } },
};
const SCHEMA = { name: "finding", json: FINDING };
const TOOL = {
  name: "read_lines",
  description: "Reads lines of a service.",
  parameters: {
    type: "object",
    additionalProperties: false,
    required: ["service"],
    properties: { service: { type: "string" } },
  },
};
const NEVER = new AbortController().signal;

/** What every language model does, whoever provides it. Run by each adapter, through its own package, over real sockets. */
export function languageModelContract(protocol: Protocol): void {
  describe(`${protocol.name} keeps the contract of a language model`, () => {
    let stage: Stage;
    let model: LanguageModel;
    const printed: unknown[][] = [];

    beforeAll(async () => {
      stage = await openStage(protocol);
    });
    afterAll(() => stage.close());
    beforeEach(() => {
      stage.mock.reset();
      stage.wire.reset();
      model = stage.model;
      printed.length = 0;
      for (const method of ["log", "info", "warn", "error", "debug"] as const)
        jest.spyOn(console, method).mockImplementation((...args) => void printed.push(args));
    });
    // Packages that print what they cannot read print log lines.
    afterEach(() => {
      jest.restoreAllMocks();
      expect(printed).toEqual([]);
    });

    const lastBody = () => stage.wire.seen.at(-1)?.body;

    describe("answers", () => {
      test("gives the text of an answer, whole", async () => {
        stage.mock.onMessage("Why?", { content: "The pool ran dry. ünï 🐘" });
        expect(await model.ask(ask("Why?"), NEVER)).toMatchObject({
          outcome: "answered",
          text: "The pool ran dry. ünï 🐘",
          calls: [],
        });
      });

      test("tells the text as it comes, in order, and then the whole of it", async () => {
        const text = "The pool ran dry because nobody gave connections back. ünï 🐘";
        stage.mock.onMessage("Why?", { content: text });
        const pieces: string[] = [];
        const reply = await model.ask(ask("Why?", { onText: (piece) => pieces.push(piece) }), NEVER);
        expect(reply).toMatchObject({ outcome: "answered", text, calls: [] });
        expect(pieces.length).toBeGreaterThan(3);
        expect(pieces.join("")).toBe(text);
      });

      test("sends what it was given: the model, the system, the conversation and the key", async () => {
        stage.mock.onMessage("And then?", { content: "Nothing." });
        const messages = [
          { role: "user", text: "Why?" },
          { role: "model", text: "The pool." },
          { role: "user", text: "And then?" },
        ] as const;
        await model.ask(ask("", { messages }), NEVER);
        const sent = JSON.stringify(lastBody());
        expect(lastBody().model).toBe(MODEL);
        for (const text of ["You find root causes.", "Why?", "The pool.", "And then?"])
          expect(sent).toContain(text);
        const [name, value] = protocol.keyHeader;
        expect(stage.wire.seen.at(-1)?.headers[name]).toBe(value);
      });

      test("is held to a schema by the provider itself", async () => {
        const finding = { cause: "the pool", sure: true };
        stage.mock.onMessage("Why?", { content: JSON.stringify(finding) });
        const reply = await model.ask(ask("Why?", { schema: SCHEMA }), NEVER);
        expect(JSON.parse(textOf(reply))).toEqual(finding);
        expect(protocol.schemaOf(lastBody())).toEqual(FINDING);
      });

      test("passes on as it is what is not in the form asked for: the caller may mend it", async () => {
        for (const text of ['```json\n{"cause":"x"}\n```', "It is the pool."]) {
          stage.wire.next(protocol.whole({ text }));
          expect(textOf(await model.ask(ask("Why?", { schema: SCHEMA }), NEVER))).toBe(text);
        }
      });

      if (protocol.leavesThinking === true)
        describe("without what a model has thought, where its server leaves that in the text:", () => {
          test.each([
            ["in marks", "<think>\nThe user wants\n\nBecause?</think>\n\nThe pool ran dry."],
            ["in others", "<thinking>Hm.</thinking>The pool ran dry."],
            ["as Mistral's", "[THINK]Hm. <b>[/THINK]\nThe pool ran dry."],
            ["twice", "\n<think>Hm.</think>\n<think>\n</think>\n\nThe pool ran dry."],
            ["begun by its template", "The user wants\nto know.\n</think>\n\nThe pool ran dry."],
          ])("%s", async (_, text) => {
            stage.wire.next(protocol.whole({ text }));
            expect(textOf(await model.ask(ask("Why?"), NEVER))).toBe("The pool ran dry.");
          });

          test("wherever a stream is cut, and no piece of it is told", async () => {
            const answer = "The pool <i>ran</i> dry: a </think> stood in the log.";
            const text = `<think>Why? <th a</thin</think>\n\n${answer}`;
            for (const size of [1, 2, 3, 5, 7, 8, 11, 200]) {
              const texts = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
              const pieces: string[] = [];
              stage.wire.next(protocol.stream({ texts }));
              const reply = await model.ask(ask("Why?", { onText: (piece) => pieces.push(piece) }), NEVER);
              expect([size, pieces.join("")]).toEqual([size, answer]);
              expect(textOf(reply)).toBe(answer);
            }
          });

          test("nothing is left of an answer that never came to an end of it", async () => {
            const pieces: string[] = [];
            stage.wire.next(protocol.stream({ texts: ["<thi", "nk>The pool", " perhaps"] }));
            const reply = await model.ask(ask("Why?", { onText: (piece) => pieces.push(piece) }), NEVER);
            expect(reply.outcome).toBe("unusable");
            stage.wire.next(protocol.whole({ text: "<think>The pool perhaps" }));
            expect((await model.ask(ask("Why?"), NEVER)).outcome).toBe("unusable");
            expect(pieces).toEqual([]);
          });

          test("and what only looks like it is told", async () => {
            for (const text of ["<th", "  <p>Think.</p>", "[THIN] ice"]) {
              const pieces: string[] = [];
              stage.wire.next(protocol.stream({ texts: [...text] }));
              const reply = await model.ask(ask("Why?", { onText: (piece) => pieces.push(piece) }), NEVER);
              expect([textOf(reply), pieces.join("")]).toEqual([text, text]);
            }
          });
        });

      test("reaches a base URL with a slash at its end as one without", async () => {
        stage.mock.onMessage("Why?", { content: "Because." });
        for (const slash of ["/", "//"]) {
          const other = protocol.open(`${stage.wire.url}${protocol.base}${slash}`, [MODEL]);
          expect((await other.ask(ask("Why?"), NEVER)).outcome).toBe("answered");
        }
        const paths = stage.wire.seen.map(({ path }) => path);
        expect(new Set(paths).size).toBe(1);
        expect(paths[0]).not.toContain("//");
      });

      test("counts tokens of a text, more for more, in no time for one without a space", () => {
        expect(model.countTokens("", MODEL)).toBe(0);
        const line = model.countTokens("connection refused by db-7:5432", MODEL);
        expect(line).toBeGreaterThan(5);
        expect(line).toBeLessThan(20);
        expect(model.countTokens("中".repeat(20_000), MODEL)).toBeGreaterThan(1_000);
      });
    });

    describe("tools", () => {
      const CALL = { id: "call_1", name: "read_lines", arguments: '{"service":"payments"}' };

      test.each([
        ["whole", false],
        ["in pieces", true],
      ])("asks for a tool, %s, and reads its result", async (_, streamed) => {
        stage.mock.on({ userMessage: "Why?", hasToolResult: false }, { toolCalls: [CALL] });
        stage.mock.on({ hasToolResult: true }, { content: "Payments is down." });
        const onText = streamed ? { onText: () => undefined } : {};
        const first = await model.ask(ask("Why?", { tools: [TOOL], ...onText }), NEVER);
        if (first.outcome !== "answered") throw new Error(first.why);
        expect(first.calls).toMatchObject([{ name: "read_lines", arguments: { service: "payments" } }]);
        expect(first.calls[0]?.id).toMatch(/\S/);
        expect(protocol.toolsOf(lastBody())).toEqual(["read_lines"]);

        const results = first.calls.map(({ id, name }) => ({ callId: id, name, text: "3 lines: timeout" }));
        const second = await model.ask(
          ask("", {
            tools: [TOOL],
            messages: [
              { role: "user", text: "Why?" },
              { role: "model", text: first.text, calls: first.calls },
              { role: "results", results },
            ],
          }),
          NEVER,
        );
        expect(textOf(second)).toBe("Payments is down.");
        expect(protocol.resultsOf(lastBody())).toEqual(["3 lines: timeout"]);
      });

      test("may ask for several at once", async () => {
        const other = { ...CALL, id: "call_2", arguments: '{"service":"checkout"}' };
        stage.mock.onMessage("Why?", { toolCalls: [CALL, other] });
        for (const onText of [{}, { onText: () => undefined }]) {
          const reply = await model.ask(ask("Why?", { tools: [TOOL], ...onText }), NEVER);
          if (reply.outcome !== "answered") throw new Error(reply.why);
          expect(reply.calls.map((call) => call.arguments)).toEqual([
            { service: "payments" },
            { service: "checkout" },
          ]);
          expect(new Set(reply.calls.map(({ id }) => id)).size).toBe(2);
        }
      });

      test.each([
        ["deep", `${"[".repeat(500)}${"]".repeat(500)}`],
        ["deep within one of them", `{"service":${'{"a":'.repeat(500)}1${"}".repeat(500)}}`],
        ["long", JSON.stringify({ service: "x".repeat(100_000) })],
        ["many", JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [i, i])))],
      ])("takes arguments that are too %s for none", async (_, written) => {
        for (const onText of [{}, { onText: () => undefined }]) {
          stage.mock.onMessage("Why?", { toolCalls: [CALL, { ...CALL, id: "call_2", arguments: written }] });
          const reply = await model.ask(ask("Why?", { tools: [TOOL], ...onText }), NEVER);
          if (reply.outcome !== "answered") throw new Error(reply.why);
          expect(reply.calls.map((call) => call.arguments)).toEqual([{ service: "payments" }, undefined]);
        }
      });

      test("tells a model of the schema also where it has tools, and lets it call them", async () => {
        stage.mock.onMessage("Why?", { toolCalls: [CALL] });
        const reply = await model.ask(ask("Why?", { tools: [TOOL], schema: SCHEMA }), NEVER);
        expect(reply).toMatchObject({ outcome: "answered", calls: [{ name: "read_lines" }] });
        expect(JSON.stringify(lastBody())).toContain("additionalProperties");
      });
    });

    describe("what is paid for", () => {
      const usage = { inputTokens: 1_200, cachedTokens: 0, outputTokens: 30 };

      test("counts as the provider counted, whole or in pieces", async () => {
        stage.wire.next(protocol.whole({ text: "Yes.", usage }));
        expect(await model.ask(ask("Why?"), NEVER)).toMatchObject({ usage });
        stage.wire.next(protocol.stream({ texts: ["Y", "es."], usage }));
        expect(await model.ask(ask("Why?", { onText: () => undefined }), NEVER)).toMatchObject({ usage });
      });

      test("counts also what came to nothing", async () => {
        stage.wire.next(protocol.whole({ text: "The po", end: "cut", usage }));
        expect(await model.ask(ask("Why?"), NEVER)).toMatchObject({ outcome: "unusable", usage });
      });

      test("does not make counts up", async () => {
        stage.wire.next(protocol.whole({ text: "Yes." }));
        expect(await model.ask(ask("Why?"), NEVER)).not.toHaveProperty("usage");
      });

      test("takes a count of nothing for none: every prompt has tokens", async () => {
        const nothing = { inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
        stage.wire.next(protocol.whole({ text: "Yes.", usage: nothing }));
        expect(await model.ask(ask("Why?"), NEVER)).not.toHaveProperty("usage");
      });

      test.each([
        ["a fraction", { inputTokens: 1_000.5 }],
        ["less than nothing", { inputTokens: -5 }],
        ["less than nothing written", { outputTokens: -100_000 }],
        ["more than any model reads", { inputTokens: 3e9 }],
        ["more than any model writes", { outputTokens: 1.5e9 }],
      ])("takes a count of %s for none, and the answer for one", async (_, wrong) => {
        const counted = { inputTokens: 1_200, cachedTokens: 0, outputTokens: 30, ...wrong };
        for (const onText of [{}, { onText: () => undefined }]) {
          stage.wire.next(
            "onText" in onText
              ? protocol.stream({ texts: ["Y", "es."], usage: counted })
              : protocol.whole({ text: "Yes.", usage: counted }),
          );
          const reply = await model.ask(ask("Why?", onText), NEVER);
          expect(reply).toMatchObject({ outcome: "answered", text: "Yes." });
          expect(reply).not.toHaveProperty("usage");
        }
      });
    });

    describe("what is paid for and never came", () => {
      test("may have been written where no answer came, or broke off, and not where none could begin", async () => {
        const sent = async (answer: Script, signal = NEVER) => {
          stage.wire.next(answer);
          const reply = await model.ask(ask("Why?", { onText: () => undefined }), signal);
          return reply.outcome === "later" && reply.sent === true;
        };
        expect(await sent({ ending: "hang" }, AbortSignal.timeout(100))).toBe(true);
        expect(await sent({ ending: "cut" })).toBe(true);
        expect(await sent(protocol.brokenStream(["The pool "]))).toBe(true);
        expect(await sent(protocol.error(504, "other", "late"))).toBe(true);
        expect(await sent(protocol.error(503, "other", "busy"))).toBe(false);
        expect(await sent({}, AbortSignal.abort())).toBe(false);
        const nowhere = protocol.open(`http://127.0.0.1:1${protocol.base}`, [MODEL]);
        expect(await nowhere.ask(ask("Why?"), NEVER)).not.toHaveProperty("sent");
      });
    });

    describe("health", () => {
      test("is well where the provider answers and has its models", async () => {
        stage.wire.next(protocol.modelsList(["other", MODEL]));
        const health = await model.health(NEVER);
        expect(health).toEqual({ ok: true, summary: expect.stringContaining(MODEL) });
      });

      test("says which model is missing", async () => {
        stage.wire.next(protocol.modelsList(["other"]));
        const health = await model.health(NEVER);
        expect(health).toEqual({ ok: false, summary: expect.stringContaining(MODEL) });
      });

      test("says what is wrong where it is not reached, or does not take the key", async () => {
        stage.wire.next(protocol.error(401, "auth", "no"));
        const refused = await model.health(NEVER);
        expect(refused.ok).toBe(false);
        expect(refused.summary).toMatch(/_API_KEY/);
        const nowhere = protocol.open(`http://127.0.0.1:1${protocol.base}`, [MODEL]);
        expect(await nowhere.health(NEVER)).toEqual({
          ok: false,
          summary: expect.stringMatching(/Nothing listens/),
        });
      });

      test("says that the address is wrong where there is no list of models, and not that a model is", async () => {
        stage.wire.next({ status: 404, headers: { "content-type": "text/html" }, body: ["<h1>404</h1>"] });
        expect((await model.health(NEVER)).summary).toMatch(/_BASE_URL/);
      });

      test("comes back when it is given up", async () => {
        stage.wire.next({ ending: "hang" });
        expect((await model.health(AbortSignal.timeout(30))).ok).toBe(false);
      });
    });

    refusalsContract(protocol, () => stage);
    breaksContract(protocol, () => stage);
  });
}

function textOf(reply: ModelReply): string {
  if (reply.outcome !== "answered") throw new Error(`${reply.outcome}: ${reply.why}`);
  return reply.text;
}
