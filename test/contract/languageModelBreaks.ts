import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { until } from "../support/eventually.ts";
import { ask, askBoth, LINE, MODEL, type Protocol, type Stage } from "../support/models/harness.ts";
import type { Script } from "../support/models/wire.ts";

const NEVER = new AbortController().signal;
const JSON_TYPE = { "content-type": "application/json" };

/** Answers that break off or do not come: never a hang, and half of one is none. */
export function breaksContract(protocol: Protocol, stage: () => Stage): void {
  describe("streams", () => {
    const inPieces = { texts: ["The pool ", "ran dry, ", "ünï 🐘."] };

    async function streamed(script: Script, signal = NEVER) {
      const pieces: string[] = [];
      stage().wire.next(script);
      const request = ask("Why?", { onText: (piece) => pieces.push(piece) });
      return { reply: await stage().model.ask(request, signal), pieces };
    }

    test("is an answer only when it says that it is whole", async () => {
      const script = protocol.stream(inPieces);
      const { reply } = await streamed(script);
      expect(reply).toMatchObject({ outcome: "answered", text: inPieces.texts.join("") });
      // Ended in good order by a proxy, after the second piece of text.
      const { reply: cut, pieces } = await streamed({ ...script, body: (script.body ?? []).slice(0, -3) });
      expect(pieces.length).toBeGreaterThan(0);
      expect(cut).toMatchObject({ outcome: "unusable", why: expect.stringMatching(/broke off|be read/) });
    });

    test("is none wherever it is cut, by a proxy or by a broken connection", async () => {
      const bytes = (protocol.stream(inPieces).body ?? []).join("");
      const places = fc.record({
        at: fc.integer({ min: 0, max: bytes.length - 1 }),
        ending: fc.constantFrom("end" as const, "cut" as const),
      });
      await fc.assert(
        fc.asyncProperty(places, async ({ at, ending }) => {
          const { headers = {} } = protocol.stream(inPieces);
          const { reply, pieces } = await streamed({
            status: 200,
            headers,
            body: [bytes.slice(0, at)],
            ending,
          });
          // The very end may be missing where all that counts has come.
          if (reply.outcome === "answered") expect(reply.text).toBe(inPieces.texts.join(""));
          else expect(reply.outcome).toBe("unusable");
          expect(inPieces.texts.join("").startsWith(pieces.join(""))).toBe(true);
        }),
        { numRuns: 40 },
      );
    });

    test("is none where a piece is spoilt, and nobody is told of what came after", async () => {
      const { body = [], ...script } = protocol.stream(inPieces);
      const at = body.findIndex((piece) => piece.includes("ran dry"));
      const spoilt = body.map((piece, i) => (i === at ? piece.replace(/\{/, `{${LINE}`) : piece));
      const { reply, pieces } = await streamed({ ...script, body: spoilt });
      expect(reply.outcome).toBe("unusable");
      expect(pieces.join("")).toBe("The pool ");
    });

    test("passes on what the provider says within it: overloaded is later", async () => {
      const { reply, pieces } = await streamed(protocol.brokenStream(["The pool "]));
      expect(reply.outcome).toBe("later");
      expect(pieces).toEqual(["The pool "]);
    });

    test("is none where aimock hangs up", async () => {
      stage().mock.onMessage(
        "Why?",
        { content: "The pool ran dry. ".repeat(20) },
        { latency: 10, disconnectAfterMs: 60 },
      );
      const reply = await stage().model.ask(ask("Why?", { onText: () => undefined }), NEVER);
      expect(reply.outcome).toBe("unusable");
    });

    test("that come all at once leave others their turns between the pieces", async () => {
      const { body = [], ...script } = protocol.stream({ texts: Array(2_000).fill("word ") });
      stage().wire.next({ ...script, body: [body.join("")] });
      let turns = 0;
      const mostAtOnce = new Map<number, number>();
      const turn = setInterval(() => {
        turns += 1;
      }, 0);
      const onText = () => mostAtOnce.set(turns, (mostAtOnce.get(turns) ?? 0) + 1);
      const reply = await stage().model.ask(ask("Why?", { onText }), NEVER);
      clearInterval(turn);
      expect(reply).toMatchObject({ outcome: "answered" });
      expect(Math.max(...mostAtOnce.values())).toBeLessThan(500);
    });

    test("survives a listener that throws", async () => {
      stage().wire.next(protocol.stream(inPieces));
      const onText = () => {
        throw new Error("the listener's own");
      };
      expect((await stage().model.ask(ask("Why?", { onText }), NEVER)).outcome).toBe("answered");
    });
  });

  describe("servers that do not answer", () => {
    const begun = { status: 200, headers: JSON_TYPE };
    test.each([
      ["nothing", {}],
      ["headers and nothing more", begun],
      ["half an answer", { ...begun, body: ['{"choices": [{"mess'] }],
      ["an error's headers", { status: 500, headers: JSON_TYPE }],
    ] as [string, Script][])("are given up when the signal aborts, having sent %s", async (_, script) => {
      const took: number[] = [];
      for (const onText of [{}, { onText: () => undefined }]) {
        stage().wire.next({ ...script, ending: "hang" });
        const abort = new AbortController();
        const asked = stage().model.ask(ask("Why?", onText), abort.signal);
        await until(() => stage().wire.underWay() > 0, "the request");
        await delay(20);
        const from = performance.now();
        abort.abort();
        expect((await asked).outcome).toBe("later");
        took.push(performance.now() - from);
        await closed(stage());
      }
      // The other one may have met a busy machine.
      expect(Math.min(...took)).toBeLessThan(100);
    });

    test.each([
      ["one by one", (body: readonly string[]) => body],
      ["many at once", (body: readonly string[]) => [body.join("")]],
    ])("are given up in the middle of a stream, and no piece is told any more: %s", async (_, sent) => {
      const { body = [], ...script } = protocol.stream({ texts: Array(500).fill("word ") });
      stage().wire.next({ ...script, body: sent(body) });
      const abort = new AbortController();
      let told = 0;
      const onText = () => {
        told += 1;
        if (told === 3) abort.abort();
      };
      expect((await stage().model.ask(ask("Why?", { onText }), abort.signal)).outcome).toBe("later");
      await closed(stage());
      expect(told).toBe(3);
    });

    test("are hung up on where they send a web page that has no end", async () => {
      const page: Script = { status: 200, headers: { "content-type": "text/html" }, body: ["<html>"] };
      for (const reply of await askBoth(stage(), { ...page, ending: "hang" })) {
        expect(reply.outcome).toBe("refused");
        await closed(stage());
      }
    });

    test("are not asked at all where the signal was aborted before", async () => {
      expect((await stage().model.ask(ask("Why?"), AbortSignal.abort())).outcome).toBe("later");
      expect(stage().wire.seen).toEqual([]);
    });

    test("are given up for later where the connection breaks or none comes about", async () => {
      for (const reply of await askBoth(stage(), { ending: "cut" })) expect(reply.outcome).toBe("later");
      const nowhere = protocol.open(`http://127.0.0.1:1${protocol.base}`, [MODEL]);
      expect(await nowhere.ask(ask("Why?"), NEVER)).toMatchObject({
        outcome: "later",
        why: expect.stringMatching(/Nothing listens/),
      });
    });

    test("that are late are waited for", async () => {
      stage().mock.onMessage("Why?", { content: "Because." }, { latency: 150 });
      expect((await stage().model.ask(ask("Why?"), NEVER)).outcome).toBe("answered");
    });

    test("that do not speak TLS are no secret to the operator", async () => {
      const { wire } = stage();
      const wrong = protocol.open(`${wire.url.replace("http:", "https:")}${protocol.base}`, [MODEL]);
      expect(await wrong.ask(ask("Why?"), NEVER)).toMatchObject({
        outcome: "refused",
        why: expect.stringMatching(/_BASE_URL/),
      });
    });
  });
}

/** The connection of what was given up is closed: nobody pays for an answer that nobody reads. */
async function closed({ wire }: Stage): Promise<void> {
  await until(() => wire.underWay() === 0, "the end of its connection", { everyMs: 5 });
}
