import { describe, expect, test } from "@jest/globals";
import { LIMITS } from "../../adapters/slack/limits.ts";
import type { Card } from "../../src/chat/card.ts";
import type { SecretOutcome } from "../../src/chat/platform.ts";
import { fitSecret, type SecretSent, type SecretWay, showSecret } from "../../src/chat/secret.ts";
import { createLog } from "../../src/log.ts";

const KEY = "lh_live_c2VjcmV0LW9mLXRoZS10ZXN0";
const refused: SecretSent = { outcome: "refused", why: "no" };
const later = (afterMs: number): SecretSent => ({ outcome: "later", afterMs, why: "wait" });
const unknown: SecretSent = { outcome: "unknown", why: "lost" };
const sent: SecretSent = { outcome: "sent" };

/** A try of ways that answer what they are told to, one answer an attempt. */
function trying(...ways: (SecretSent[] | SecretWay["send"])[]) {
  const asked: number[] = [];
  const waits: number[] = [];
  const outcomes: SecretOutcome[] = [];
  const said: string[] = [];
  const stopping = new AbortController();
  const parts = {
    log: createLog("debug", { write: (line: string) => void said.push(line) }),
    pause: async (ms: number) => void waits.push(ms),
    stopping: stopping.signal,
  };
  const drawn = ways.map(
    (way, at): SecretWay => ({
      name: `way ${at}`,
      async send(signal) {
        asked.push(at);
        if (typeof way === "function") return way(signal);
        return way.shift() ?? refused;
      },
    }),
  );
  const show = (draw: () => SecretWay[] = () => drawn, withinMs?: number, then?: Card) =>
    showSecret(
      {
        async ended(outcome) {
          outcomes.push(outcome);
          return then;
        },
      },
      "act",
      draw,
      { ...parts, ...(withinMs !== undefined && { withinMs }) },
    );
  return { asked, waits, outcomes, said, stopping, parts, drawn, show };
}

describe("A secret", () => {
  test.each<[string, SecretSent[][], SecretOutcome, number[]]>([
    ["is shown in the first way that takes it", [[sent], [sent]], "shown", [0]],
    ["goes on from a way that refuses it", [[refused], [sent]], "shown", [0, 1]],
    ["is not shown where all refuse it", [[refused], [refused]], "not shown", [0, 1]],
    ["is not shown where there is no way", [], "not shown", []],
    ["ends with a way that may have shown it", [[refused], [unknown], [sent]], "not known", [0, 1]],
    ["is tried once more where it was not sent", [[later(2_000), sent], [sent]], "shown", [0, 0]],
    ["is tried no third time", [[later(1), later(1), sent], [sent]], "shown", [0, 0, 1]],
    ["waits for no minute", [[later(60_000), sent], [sent]], "shown", [0, 1]],
    ["may be lost at the second try", [[later(1), unknown], [sent]], "not known", [0, 0]],
  ])("%s", async (_, ways, outcome, asked) => {
    const by = trying(...ways);
    await by.show();
    expect([by.outcomes, by.asked]).toEqual([[outcome], asked]);
    expect(by.waits.every((ms) => ms <= 5_000)).toBe(true);
  });

  test("gives back what is said after it", async () => {
    const then: Card = { title: "Made", tone: "good", body: [] };
    expect(await trying([sent]).show(undefined, undefined, then)).toBe(then);
  });

  test("that cannot be drawn is not shown, and what failed stands in no log", async () => {
    const by = trying([sent]);
    await by.show(() => {
      throw new Error(`cannot draw ${KEY}`);
    });
    expect([by.outcomes, by.asked]).toEqual([["not shown"], []]);
    expect(by.said.join()).toContain("could not be drawn");
    expect(by.said.join()).not.toContain(KEY);
  });

  test("whose way fails in a way of its own may have been shown", async () => {
    const by = trying(async () => {
      throw new Error(`cannot send ${KEY}`);
    }, [sent]);
    await by.show();
    expect([by.outcomes, by.asked]).toEqual([["not known"], [0]]);
    expect(by.said.join()).not.toContain(KEY);
  });

  test("is over in time also where a way never answers", async () => {
    const by = trying(() => new Promise(() => {}), [sent]);
    await by.show(undefined, 20);
    expect([by.outcomes, by.asked]).toEqual([["not known"], [0]]);
  });

  test("asks no way once its time is over", async () => {
    const by = trying(
      async (signal) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return refused;
      },
      [sent],
    );
    await by.show(undefined, 20);
    expect([by.outcomes, by.asked]).toEqual([["not shown"], [0]]);
  });

  test("is over at once when the process stops, and is not begun after that", async () => {
    const by = trying(() => new Promise(() => {}), [sent]);
    const showing = by.show();
    await new Promise((resolve) => setImmediate(resolve));
    by.stopping.abort();
    await showing;
    await by.show();
    expect([by.outcomes, by.asked]).toEqual([["not known", "not shown"], [0]]);
  });

  test("is over although nobody can note what came of it, and whoever holds it is told that it may open nothing", async () => {
    const by = trying([sent]);
    const failing = {
      ended: async () => {
        throw new Error("no database");
      },
    };
    expect(JSON.stringify(await showSecret(failing, "act", () => by.drawn, by.parts))).toContain(
      "what you were just shown may open nothing",
    );
    expect(JSON.stringify(await showSecret(failing, "act", () => [], by.parts))).toContain(
      "it opens nothing",
    );
    expect(by.said.join()).toContain("no database");
  });
});

describe("A card with a secret", () => {
  const card = (key: string, text = "Keep it."): Card => ({
    title: "Key made",
    tone: "good",
    body: [
      { kind: "text", text },
      { kind: "log", lines: [key], transient: true },
    ],
  });

  test("is fitted where all of the secret has room, and only then", () => {
    expect(fitSecret(card(KEY, "x".repeat(9_000)), LIMITS).body[1]).toMatchObject({ lines: [KEY] });
    expect(() => fitSecret(card("k".repeat(20_000)), LIMITS)).toThrow("has no room");
    expect(() => fitSecret(card("k".repeat(20_000)), LIMITS)).not.toThrow("kkk");
  });

  test("has no picture, only its words", () => {
    const chart = { kind: "chart", chart: {} as never, alt: "Rising" } as const;
    const shown = fitSecret({ ...card(KEY), body: [chart, ...card(KEY).body] }, LIMITS);
    expect(shown.body[0]).toEqual({ kind: "text", text: "Rising" });
  });
});
