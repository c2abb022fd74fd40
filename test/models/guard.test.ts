import { getEventListeners } from "node:events";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { type GuardParts, guardModel } from "../../src/models/guard.ts";
import type { ModelReply, Standing } from "../../src/models/languageModel.ts";
import { type Clock, createClock } from "../support/models/clock.ts";
import { ask, SILENT } from "../support/models/harness.ts";
import { ANSWER, createScriptedModel, type ScriptedModel } from "../support/models/scriptedModel.ts";

const BUSY: ModelReply = { outcome: "later", why: "OpenAI is overloaded (HTTP 503)." };
const WRONG_KEY: ModelReply = { outcome: "refused", why: "OpenAI does not accept the key." };
const EMPTY: ModelReply = { outcome: "unusable", why: "OpenAI sent an empty answer." };

let clock: Clock;
let model: ScriptedModel;
let never: AbortSignal;
beforeEach(() => {
  clock = createClock();
  never = new AbortController().signal;
  model = createScriptedModel();
});

function guard(more: Partial<GuardParts> = {}) {
  return guardModel(model, { log: SILENT, now: clock.now, after: clock.after, random: () => 0.5, ...more });
}

/** What came of it, as soon as there is something. */
function follow(work: Promise<ModelReply>) {
  const seen: { reply?: ModelReply } = {};
  work.then((reply) => {
    seen.reply = reply;
  });
  return seen;
}

describe("a guarded model", () => {
  test("is the model that it guards, and passes its answers on", async () => {
    const guarded = guard();
    expect(guarded).toMatchObject({ provider: "openai", runs: "hosted", models: ["gpt-test"] });
    expect(await guarded.ask(ask("Why?"), never)).toBe(ANSWER);
    expect(guarded.countTokens("12345", "gpt-test")).toBe(2);
    expect((await guarded.health(never)).ok).toBe(true);
    expect(getEventListeners(never, "abort")).toEqual([]);
    expect(clock.waiting()).toBe(0);
  });

  test.each([WRONG_KEY, EMPTY])("does not ask again after $outcome", async (reply) => {
    model.script = [reply, ANSWER];
    expect(await guard().ask(ask("Why?"), never)).toBe(reply);
    expect(model.asked).toBe(1);
  });

  test("lets what an adapter throws, which it should not, through, and goes on", async () => {
    const guarded = guard({ concurrency: 1 });
    const { ask: asks } = model;
    model.ask = () => Promise.reject(new Error("a mistake of ours"));
    const broken = guardModel(model, { log: SILENT, concurrency: 1 });
    await expect(broken.ask(ask("Why?"), never)).rejects.toThrow("a mistake of ours");
    expect(broken.state()).toEqual({ isLeftAlone: false, asking: 0, waiting: 0 });
    model.ask = asks;
    expect(await guarded.ask(ask("Why?"), never)).toBe(ANSWER);
  });
});

describe("a second attempt", () => {
  test("is made once, after as long as the provider asks for", async () => {
    model.script = [{ ...BUSY, afterMs: 7_000 }, ANSWER];
    const asked = follow(guard().ask(ask("Why?"), never));
    await clock.pass(6_999);
    expect(model.asked).toBe(1);
    await clock.pass(1);
    expect(asked.reply).toBe(ANSWER);
  });

  test.each([
    [0, 1_000],
    [0.999, 1_999],
  ])("is made after 1 to 2 s where it does not say (%d)", async (random, afterMs) => {
    model.script = [BUSY, ANSWER];
    const asked = follow(guard({ random: () => random }).ask(ask("Why?"), never));
    await clock.pass(afterMs - 1);
    expect(asked.reply).toBeUndefined();
    await clock.pass(1);
    expect(asked.reply).toBe(ANSWER);
  });

  test("is the last: what comes of it is what came of all", async () => {
    model.script = [BUSY, { ...BUSY, afterMs: 60 }, ANSWER];
    const asked = follow(guard().ask(ask("Why?"), never));
    await clock.pass(10_000);
    expect(asked.reply).toMatchObject({ outcome: "later", afterMs: 60 });
    expect(model.asked).toBe(2);
  });

  test.each([
    [30_000, 2],
    [30_001, 1],
    [3_600_000, 1],
  ])("is not made where it would have to wait longer than 30 s (%d ms)", async (afterMs, attempts) => {
    model.script = [{ ...BUSY, afterMs }, ANSWER];
    const asked = follow(guard().ask(ask("Why?"), never));
    await clock.pass(40_000);
    expect(model.asked).toBe(attempts);
    expect(asked.reply?.outcome).toBe(attempts === 2 ? "answered" : "later");
  });

  test("is not made where no time would be left for it", async () => {
    model.script = [{ ...BUSY, afterMs: 20_000 }, ANSWER];
    expect(await guard({ timeoutMs: 20_000 }).ask(ask("Why?"), never)).toMatchObject({ afterMs: 20_000 });
    expect(model.asked).toBe(1);
  });

  test("is not made once somebody has read a piece of the first", async () => {
    model.script = [{ says: ["The po"], replies: BUSY }, ANSWER];
    const pieces: string[] = [];
    const reply = await guard().ask(ask("Why?", { onText: (piece) => pieces.push(piece) }), never);
    expect(reply).toBe(BUSY);
    expect(pieces).toEqual(["The po"]);
    expect(model.asked).toBe(1);
  });

  test("is made where nothing had been told", async () => {
    model.script = [BUSY, { says: ["Yes."], replies: ANSWER }];
    const pieces: string[] = [];
    const asked = follow(guard().ask(ask("Why?", { onText: (piece) => pieces.push(piece) }), never));
    await clock.pass(2_000);
    expect(asked.reply).toBe(ANSWER);
    expect(pieces).toEqual(["Yes."]);
  });

  test("is made only where whoever pays agrees, who is told what came of the first", async () => {
    const told: ModelReply[] = [];
    for (const agrees of [true, false]) {
      model.script = [BUSY, ANSWER];
      const asked = follow(
        guard().ask(ask("Why?"), never, async (first) => {
          told.push(first);
          return agrees;
        }),
      );
      await clock.pass(2_000);
      expect(asked.reply).toBe(agrees ? ANSWER : BUSY);
    }
    expect(told).toEqual([BUSY, BUSY]);
    expect(model.asked).toBe(3);
  });

  test("is not waited for when the request is given up", async () => {
    model.script = [{ ...BUSY, afterMs: 20_000 }, ANSWER];
    const abort = new AbortController();
    const asked = follow(guard().ask(ask("Why?"), abort.signal));
    await clock.pass(1_000);
    abort.abort();
    await clock.pass(0);
    expect(asked.reply).toMatchObject({ outcome: "later", why: expect.stringMatching(/given up/) });
    expect(model.asked).toBe(1);
    expect(clock.waiting()).toBe(0);
  });
});

describe("time", () => {
  test.each([
    ["hosted", 120_000],
    ["locally", 300_000],
  ] as const)("is bounded where a model runs %s: %d ms", async (runs, timeoutMs) => {
    model = createScriptedModel(runs);
    model.script = ["hang"];
    const asked = follow(guard().ask(ask("Why?"), never));
    await clock.pass(timeoutMs - 1);
    expect(asked.reply).toBeUndefined();
    await clock.pass(1);
    // It may have been answered all the same, and want to be paid for.
    expect(asked.reply).toEqual({
      outcome: "later",
      sent: true,
      why: `In ${timeoutMs / 1_000} s OpenAI did not answer.`,
    });
    expect(model).toMatchObject({ asked: 1, underWay: 0 });
    expect(clock.waiting()).toBe(0);
  });

  test("is bounded over both attempts together", async () => {
    model.script = [{ ...BUSY, afterMs: 25_000 }, "hang"];
    const asked = follow(guard().ask(ask("Why?"), never));
    await clock.pass(119_999);
    expect(asked.reply).toBeUndefined();
    await clock.pass(1);
    expect(asked.reply?.outcome).toBe("later");
  });

  test("is bounded also by an adapter that does not come back when it is called off", async () => {
    model.script = ["deaf"];
    const guarded = guard({ concurrency: 1 });
    const asked = follow(guarded.ask(ask("Why?"), never));
    await clock.pass(120_000);
    expect(asked.reply?.outcome).toBe("later");
    model.script = [ANSWER];
    expect(await guarded.ask(ask("Why?"), never)).toBe(ANSWER);
  });

  test("ends at once when the caller gives up, and nothing is told any more", async () => {
    model.script = ["hang"];
    const abort = new AbortController();
    const asked = follow(guard().ask(ask("Why?"), abort.signal));
    await clock.pass(10);
    abort.abort();
    await clock.pass(0);
    expect(asked.reply).toMatchObject({ outcome: "later", why: expect.stringMatching(/given up/) });
    expect(model.underWay).toBe(0);
  });

  test("does not begin where the caller has given up before", async () => {
    expect((await guard().ask(ask("Why?"), AbortSignal.abort())).outcome).toBe("later");
    expect(model.asked).toBe(0);
    expect(clock.waiting()).toBe(0);
  });
});

describe("turns", () => {
  test.each([
    ["hosted", 4],
    ["locally", 1],
  ] as const)("are so many where a model runs %s: %d", async (runs, most) => {
    model = createScriptedModel(runs);
    model.script = ["hang"];
    const guarded = guard();
    const sinceMs = clock.now();
    for (let i = 0; i < most + 2; i++) {
      guarded.ask(ask("Why?"), never);
      await clock.pass(1);
    }
    expect(model.underWay).toBe(most);
    const oldestSinceMs = sinceMs;
    expect(guarded.state()).toEqual({ isLeftAlone: false, asking: most, waiting: 2, oldestSinceMs });
  });

  test("are told: how many are before a request, as that changes, and since when and how long it is asked", async () => {
    model.script = ["hang"];
    const guarded = guard({ concurrency: 1, timeoutMs: 100_000 });
    const told: Standing[][] = [[], [], [], []];
    const abort = new AbortController();
    const beganMs = clock.now();
    for (const [i, standings] of told.entries()) {
      const onStanding = (standing: Standing) => standings.push(standing);
      guarded.ask(ask("Why?", { onStanding }), i === 1 ? abort.signal : never);
      await clock.pass(0);
    }
    await clock.pass(10_000);
    abort.abort();
    await clock.pass(10_000);
    model.release(ANSWER);
    await clock.pass(0);
    const waiting = (before: number) => ({ state: "waiting", before });
    const asked = (afterMs: number) => ({
      ...{ state: "asked", sinceMs: beganMs + afterMs, forMs: 100_000 - afterMs },
    });
    expect(told).toEqual([
      [asked(0)],
      [waiting(1)],
      [waiting(2), waiting(1), asked(20_000)],
      [waiting(3), waiting(2), waiting(1)],
    ]);
    expect(guarded.state()).toMatchObject({ asking: 1, waiting: 1, oldestSinceMs: beganMs + 20_000 });
  });

  test("are half of all for one account at most, so that another one's come at once", async () => {
    model.script = ["hang"];
    const guarded = guard();
    for (let i = 0; i < 50; i++) guarded.ask(ask("Why?", { account: "a" }), never);
    await clock.pass(0);
    expect(guarded.state()).toMatchObject({ asking: 4, waiting: 46 });
    for (let i = 0; i < 50; i++) guarded.ask(ask("Why?", { account: "b" }), never);
    await clock.pass(0);
    expect(guarded.state()).toMatchObject({ asking: 8, waiting: 92 });
  });

  test("come to the account that has fewest under way, or had none for longest", async () => {
    model.script = ["hang"];
    const guarded = guard({ concurrency: 1 });
    const order: string[] = [];
    for (const account of ["a", "a", "a", "b", "b", "c"])
      guarded.ask(ask("Why?", { account }), never).then(() => order.push(account));
    for (let i = 0; i < 6; i++) {
      await clock.pass(1);
      model.release(ANSWER);
    }
    await clock.pass(1);
    expect(order.slice(0, 3)).toEqual(["a", "b", "c"]);
    expect(guarded.state()).toEqual({ isLeftAlone: false, asking: 0, waiting: 0 });
  });

  test("come in the order of asking", async () => {
    model.script = ["hang"];
    const guarded = guard({ concurrency: 1 });
    const order: number[] = [];
    for (const i of [1, 2, 3]) guarded.ask(ask("Why?"), never).then(() => order.push(i));
    for (let i = 0; i < 3; i++) {
      await clock.pass(1);
      model.release(ANSWER);
    }
    await clock.pass(1);
    expect(order).toEqual([1, 2, 3]);
    expect(guarded.state()).toEqual({ isLeftAlone: false, asking: 0, waiting: 0 });
  });

  test("are not waited for longer than for all else, and are not the provider's fault", async () => {
    model.script = ["hang"];
    const guarded = guard({ concurrency: 1, timeoutMs: 50_000 });
    guarded.ask(ask("Why?"), never);
    await clock.pass(1_000);
    const waiting = Array.from({ length: 6 }, () => follow(guarded.ask(ask("Why?"), never)));
    await clock.pass(1_000);
    model.release(ANSWER);
    model.script = ["hang"];
    await clock.pass(49_500);
    const left = waiting.slice(1).map(({ reply }) => reply);
    for (const reply of left)
      expect(reply).toEqual({ outcome: "later", why: "In 50 s no turn to ask OpenAI came." }); // Not sent.
    expect(guarded.state().isLeftAlone).toBe(false);
  });

  test("are given up without a trace by who goes", async () => {
    model.script = ["hang"];
    const guarded = guard({ concurrency: 1 });
    const first = follow(guarded.ask(ask("Why?"), never));
    const abort = new AbortController();
    const second = follow(guarded.ask(ask("Why?"), abort.signal));
    const third = follow(guarded.ask(ask("Why?"), never));
    await clock.pass(1);
    abort.abort();
    await clock.pass(1);
    expect(second.reply?.outcome).toBe("later");
    model.release(ANSWER);
    await clock.pass(1);
    model.release(ANSWER);
    await clock.pass(1);
    expect([first.reply, third.reply]).toEqual([ANSWER, ANSWER]);
    expect(model.asked).toBe(2);
  });

  test("are kept while a second attempt is waited for: who asks to wait is not asked by the next", async () => {
    model.script = [{ ...BUSY, afterMs: 5_000 }, ANSWER];
    const guarded = guard({ concurrency: 1 });
    guarded.ask(ask("Why?"), never);
    guarded.ask(ask("Why?"), never);
    await clock.pass(4_999);
    expect(model.asked).toBe(1);
    await clock.pass(1);
    expect(model.asked).toBe(3);
  });
});

describe("a model that fails again and again", () => {
  /** Five failures: two requests with two attempts each, and half of a third. */
  async function fail(guarded = guard()) {
    model.script = [BUSY];
    for (let i = 0; i < 3; i++) {
      guarded.ask(ask("Why?"), never);
      await clock.pass(2_000);
    }
    expect(model.asked).toBe(5);
    return guarded;
  }

  test("is left alone after 5 failures in a row, and says for how long and why", async () => {
    const guarded = await fail();
    expect(await guarded.ask(ask("Why?"), never)).toEqual({
      outcome: "later",
      afterMs: 28_000,
      why: "OpenAI failed 5 times in a row. It is asked again in 28 s. At last: OpenAI is overloaded (HTTP 503).",
    });
    expect(guarded.state().isLeftAlone).toBe(true);
    expect(model.asked).toBe(5);
  });

  test("is asked once after 30 s, and is well again when it answers", async () => {
    const guarded = await fail();
    await clock.pass(28_000);
    model.script = ["hang"];
    const probe = follow(guarded.ask(ask("Why?"), never));
    await clock.pass(1);
    expect(await guarded.ask(ask("Why?"), never)).toMatchObject({
      outcome: "later",
      why: expect.stringMatching(/being asked again/),
    });
    expect(model.asked).toBe(6);
    model.release(ANSWER);
    model.script = [ANSWER];
    await clock.pass(1);
    expect(probe.reply).toBe(ANSWER);
    expect(await guarded.ask(ask("Why?"), never)).toBe(ANSWER);
    expect(guarded.state().isLeftAlone).toBe(false);
  });

  test("is left alone twice as long each time that fails, up to 5 minutes", async () => {
    const guarded = await fail();
    await clock.pass(28_000);
    const pauses: number[] = [];
    for (let i = 0; i < 5; i++) {
      const probe = follow(guarded.ask(ask("Why?"), never));
      await clock.pass(0);
      // No second attempt: it is left alone again at once.
      expect(probe.reply).toBe(BUSY);
      const next = await guarded.ask(ask("Why?"), never);
      if (next.outcome !== "later") throw new Error(next.outcome);
      pauses.push(next.afterMs ?? 0);
      await clock.pass(next.afterMs ?? 0);
    }
    expect(pauses).toEqual([60_000, 120_000, 240_000, 300_000, 300_000]);
  });

  test("is asked by the next one where the one that should find out gave up", async () => {
    const guarded = await fail();
    await clock.pass(28_000);
    model.script = ["hang"];
    const abort = new AbortController();
    guarded.ask(ask("Why?"), abort.signal);
    await clock.pass(1);
    abort.abort();
    await clock.pass(1);
    model.script = [ANSWER];
    expect(await guarded.ask(ask("Why?"), never)).toBe(ANSWER);
  });

  test("is left alone for not answering in time, too", async () => {
    model.script = ["hang"];
    const guarded = guard({ concurrency: 5 });
    for (let i = 0; i < 5; i++) guarded.ask(ask("Why?"), never);
    await clock.pass(120_000);
    expect(guarded.state().isLeftAlone).toBe(true);
  });

  test("is not left alone for requests that were given up", async () => {
    model.script = ["hang"];
    const guarded = guard({ concurrency: 9 });
    const abort = new AbortController();
    for (let i = 0; i < 9; i++) guarded.ask(ask("Why?"), abort.signal);
    await clock.pass(1);
    abort.abort();
    await clock.pass(1);
    expect(guarded.state().isLeftAlone).toBe(false);
  });

  test.each([WRONG_KEY, EMPTY, ANSWER])("begins to count anew after $outcome", async (reply) => {
    const guarded = guard();
    model.script = [BUSY, BUSY, BUSY, BUSY, reply, BUSY, BUSY, BUSY, BUSY, reply, reply];
    for (let i = 0; i < 6; i++) {
      guarded.ask(ask("Why?"), never);
      await clock.pass(2_000);
    }
    expect(guarded.state().isLeftAlone).toBe(false);
    expect(model.asked).toBe(10);
  });

  test("is left alone no longer for what was under way before", async () => {
    model.script = ["hang", "hang", BUSY];
    const guarded = guard({ concurrency: 9 });
    guarded.ask(ask("Why?"), never);
    guarded.ask(ask("Why?"), never);
    for (let i = 0; i < 3; i++) {
      guarded.ask(ask("Why?"), never);
      await clock.pass(2_000);
    }
    expect(guarded.state().isLeftAlone).toBe(true);
    model.release(BUSY);
    await clock.pass(1_000);
    expect(await guarded.ask(ask("Why?"), never)).toMatchObject({ afterMs: 27_000 });
    // One that works all the same says that it is back.
    model.release(ANSWER);
    await clock.pass(1);
    expect(guarded.state().isLeftAlone).toBe(false);
  });
});
