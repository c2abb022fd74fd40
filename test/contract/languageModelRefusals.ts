import { describe, expect, test } from "@jest/globals";
import type { ModelReply } from "../../src/models/languageModel.ts";
import { ask, askBoth, KEY, LINE, MODEL, type Protocol, type Stage } from "../support/models/harness.ts";
import { openWire, type Script } from "../support/models/wire.ts";

const NEVER = new AbortController().signal;
const HTML = { "content-type": "text/html; charset=utf-8" };
const JSON_TYPE = { "content-type": "application/json" };

/** What is said in place of an answer: never taken for one, and never passed on with what it quotes. */
export function refusalsContract(protocol: Protocol, stage: () => Stage): void {
  /** What an unfriendly server knows of a request, said back to it. */
  const echo = `Incorrect key ${KEY} in "${LINE}" at https://user:${KEY}@proxy.example/`;
  const expectBoth = async (script: Script, expected: object) => {
    for (const reply of await askBoth(stage(), script)) expect(reply).toMatchObject(expected);
  };

  describe("refusals and waits", () => {
    test.each([
      [302, "refused"],
      [307, "refused"],
      [400, "refused"],
      [401, "refused"],
      [402, "refused"],
      [403, "refused"],
      [404, "refused"],
      [405, "refused"],
      [408, "later"],
      [409, "later"],
      [413, "refused"],
      [418, "refused"],
      [422, "refused"],
      [425, "later"],
      [429, "later"],
      [500, "later"],
      [501, "refused"],
      [502, "later"],
      [503, "later"],
      [504, "later"],
      [520, "later"],
      [529, "later"],
    ] as const)("takes HTTP %d for %s, from the provider and from a proxy", async (status, outcome) => {
      await expectBoth(protocol.error(status, "other", echo), { outcome });
      await expectBoth({ status, headers: HTML, body: [`<html>${echo}</html>`] }, { outcome });
      await expectBoth({ status }, { outcome });
    });

    test("says which setting has the key that is not accepted", async () => {
      await expectBoth(protocol.error(401, "auth", echo), {
        outcome: "refused",
        why: expect.stringMatching(/_API_KEY/),
      });
    });

    test("says which model is missing", async () => {
      const missing = protocol.error(404, "missing", `model '${MODEL}' not found`);
      await expectBoth(missing, { outcome: "refused", why: expect.stringContaining(MODEL) });
    });

    test("takes a server that has no such path for one at a wrong address", async () => {
      for (const body of ['{"detail":"Not Found"}', "404 page not found"])
        await expectBoth(
          { status: 404, headers: JSON_TYPE, body: [body] },
          {
            outcome: "refused",
            why: expect.stringMatching(/_BASE_URL/),
          },
        );
    });

    test("takes an account without credit for refused, though its status asks to wait", async () => {
      await expectBoth(protocol.error(429, "quota", echo), { outcome: "refused" });
    });

    test("takes a request that is too long for refused, and says so", async () => {
      await expectBoth(protocol.error(400, "too long", echo), {
        outcome: "refused",
        why: expect.stringMatching(/longer than/),
      });
    });

    test.each([
      [{ "retry-after": "7" }, 7_000, 7_000],
      [{ "retry-after": "0.5" }, 500, 500],
      [{ "retry-after": "9", "retry-after-ms": "1250" }, 1_250, 1_250],
      [{ "retry-after": new Date(Date.now() + 600_000).toUTCString() }, 400_000, 600_000],
      [{ "retry-after": new Date(0).toUTCString() }, 0, 0],
    ])("waits as long as it is told by %j", async (headers, least, most) => {
      for (const status of [429, 503]) {
        const script = protocol.error(status, "other", "slow down");
        for (const reply of await askBoth(stage(), {
          ...script,
          headers: { ...script.headers, ...headers },
        })) {
          if (reply.outcome !== "later") throw new Error(reply.outcome);
          expect(reply.afterMs).toBeGreaterThanOrEqual(least);
          expect(reply.afterMs).toBeLessThanOrEqual(most);
        }
      }
    });

    test.each(["soon", "-1", ""])("makes up no wait from %j", async (after) => {
      const script = protocol.error(429, "other", "slow down");
      for (const reply of await askBoth(stage(), {
        ...script,
        headers: { ...script.headers, "retry-after": after },
      }))
        expect(reply).not.toHaveProperty("afterMs");
    });

    test("asks once: what is to be tried again is not its business", async () => {
      stage().mock.onMessage("Why?", { error: { message: "Overloaded" }, status: 529 });
      expect((await stage().model.ask(ask("Why?"), NEVER)).outcome).toBe("later");
      expect(stage().wire.seen).toHaveLength(1);
    });

    test("hears from aimock's 429 how long to wait", async () => {
      stage().mock.onMessage("Why?", { error: { message: "slow" }, status: 429, retryAfter: 12 });
      expect(await stage().model.ask(ask("Why?"), NEVER)).toMatchObject({
        outcome: "later",
        afterMs: 12_000,
      });
    });

    test("follows no redirect: the key goes to nobody else", async () => {
      const elsewhere = await openWire();
      try {
        await expectBoth(
          { status: 307, headers: { location: `${elsewhere.url}/?${KEY}` } },
          {
            outcome: "refused",
            why: expect.stringMatching(/_BASE_URL/),
          },
        );
        expect(elsewhere.seen).toEqual([]);
      } finally {
        await elsewhere.close();
      }
    });
  });

  describe("answers that are none", () => {
    test.each([
      ["a proxy's web page", { headers: HTML, body: [`<html>${echo}</html>`] }, "refused"],
      ["nothing at all", { headers: JSON_TYPE }, "unusable"],
      ["an empty object", { headers: JSON_TYPE, body: ["{}"] }, "unusable"],
      ["a list", { headers: JSON_TYPE, body: ["[]"] }, "unusable"],
      ["null", { headers: JSON_TYPE, body: ["null"] }, "unusable"],
      ["JSON with its end missing", { headers: JSON_TYPE, body: [`{"text": "${LINE}`] }, "unusable"],
      ["plain text", { headers: { "content-type": "text/plain" }, body: [echo] }, "unusable"],
      ["no type", { body: [echo] }, "unusable"],
    ] as [string, Script, ModelReply["outcome"]][])("takes %s for no answer", async (_, script, outcome) => {
      await expectBoth({ status: 200, ...script }, { outcome });
    });

    test("takes aimock's malformed JSON for no answer", async () => {
      for (const onText of [{}, { onText: () => undefined }]) {
        stage().mock.onMessage("Why?", { content: "x" }, { chaos: { malformedRate: 1 } });
        expect((await stage().model.ask(ask("Why?", onText), NEVER)).outcome).toBe("unusable");
      }
    });

    test.each([
      ["empty", { text: "", end: "whole" }],
      ["only spaces", { text: " \n ", end: "whole" }],
      ["cut off at the limit", { text: "The pool", end: "cut" }],
      ["cut off before its first word", { text: "", end: "cut" }],
      ["withheld", { text: "I cannot", end: "withheld" }],
    ] as const)("takes one that is %s for unusable", async (_, { text, end }) => {
      // Ollama withholds nothing.
      if (end === "withheld" && protocol.name === "ollama") return;
      stage().wire.next(protocol.whole({ text, end }));
      expect((await stage().model.ask(ask("Why?"), NEVER)).outcome).toBe("unusable");
      stage().wire.next(protocol.stream({ texts: [text], end }));
      const reply = await stage().model.ask(ask("Why?", { onText: () => undefined }), NEVER);
      expect(reply.outcome).toBe("unusable");
    });

    test("reads no more than a bounded part of an answer without an end", async () => {
      const filler = " ".repeat(1_000_000);
      const endless: Script = {
        status: 200,
        headers: JSON_TYPE,
        body: Array(5).fill(filler),
        ending: "hang",
      };
      for (const reply of await askBoth(stage(), endless)) expect(reply.outcome).toBe("unusable");
    });
  });

  describe("addresses and keys", () => {
    test.each(["ftp://127.0.0.1", "not an address", "http://user:hunter2@127.0.0.1/v1"])(
      "refuses %s at once, without repeating it",
      (baseUrl) => {
        expect(() => protocol.open(baseUrl, [MODEL])).toThrow(/_BASE_URL/);
        expect(() => protocol.open(baseUrl, [MODEL])).not.toThrow(/hunter2/);
      },
    );
  });
}
