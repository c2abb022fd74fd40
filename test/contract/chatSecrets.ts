import { describe, expect, test } from "@jest/globals";
import type { Card } from "../../src/chat/card.ts";
import type { Reply, SecretOutcome } from "../../src/chat/platform.ts";
import { eventually } from "../support/eventually.ts";
import type { ScriptedCore } from "../support/scriptedCore.ts";
import { KEY, secretCard, THEN } from "../support/secretReply.ts";
import { type ChatPlatformHarness, quiet } from "./chatHarness.ts";

/** What an adapter does with an answer that shows a secret, once and to one person. */
export function secretCases(on: () => ChatPlatformHarness, core: () => ScriptedCore): void {
  describe("an answer with a secret", () => {
    const bots = async () => (await on().standing()).filter(({ by }) => by === "bot");
    const holding = async (text: string) => (await bots()).filter((message) => message.text.includes(text));
    const sentWith = async (text: string) =>
      (await on().privately.sent()).filter((sent) => sent.text.includes(text));

    /** The core answers with it from now on. @returns what it is told comes of it */
    function secret({ before = async () => {}, card = secretCard, fails = false } = {}): SecretOutcome[] {
      const outcomes: SecretOutcome[] = [];
      core().answerWith(async (): Promise<Reply> => {
        await before();
        const ended = async (outcome: SecretOutcome): Promise<Card> => {
          outcomes.push(outcome);
          if (fails) throw new Error("no database");
          return { title: THEN, tone: "neutral", body: [] };
        };
        return { kind: "message", visibility: "caller", card, secret: { ended } };
      });
      return outcomes;
    }
    const told = (outcomes: readonly SecretOutcome[]) => eventually(async () => outcomes[0]);
    const saidAfter = () => eventually(async () => (await sentWith(THEN))[0]);

    /** No more than it was to be has come of it. */
    async function expectAtMostOnce(outcomes: readonly SecretOutcome[]): Promise<void> {
      await quiet();
      expect(outcomes).toHaveLength(1);
      const shown = await holding(KEY);
      expect(shown.length).toBeLessThanOrEqual(1);
      for (const { seenBy } of [...shown, ...(await holding(THEN))]) expect(seenBy).toBe("caller");
      for (const { isPrivate, aside } of await sentWith(KEY)) {
        expect(isPrivate).toBe(true);
        expect(aside).not.toContain(KEY);
      }
      expect((await bots()).flatMap(({ files }) => files)).toEqual([]);
    }

    test("shows it to the caller, and what is said of it beside it", async () => {
      const outcomes = secret();
      await on().command("secret");
      expect(await told(outcomes)).toBe("shown");
      await eventually(async () => (await holding(THEN))[0]);
      expect(await holding(KEY)).toHaveLength(1);
      expect(await sentWith(KEY)).toHaveLength(1);
      await expectAtMostOnce(outcomes);
    });

    test("shows it once, however often its command is delivered", async () => {
      const outcomes = secret();
      const act = await on().command("secret");
      await act.again();
      await told(outcomes);
      await act.again();
      await eventually(async () => (await holding(THEN))[0]);
      expect(await sentWith(KEY)).toHaveLength(1);
      await expectAtMostOnce(outcomes);
    });

    test("shows it to whoever sent off the form that asked, once", async () => {
      const outcomes = secret();
      await on().command("keys create");
      await eventually(() => on().openForm());
      const filled = await on().fill({ name: "deploy" });
      expect(await told(outcomes)).toBe("shown");
      await filled.again();
      await eventually(async () => (await holding(THEN))[0]);
      expect(await holding(KEY)).toHaveLength(1);
      expect(await sentWith(KEY)).toHaveLength(1);
      await expectAtMostOnce(outcomes);
    });

    test("goes the next way where the first refuses it", async () => {
      const { refuseFirst } = on().privately;
      if (refuseFirst === undefined) return;
      const outcomes = secret({ before: async () => refuseFirst() });
      await on().command("secret");
      expect(await told(outcomes)).toBe("shown");
      await eventually(async () => (await holding(THEN))[0]);
      expect(await holding(KEY)).toHaveLength(1);
      expect(await sentWith(KEY)).toHaveLength(2);
      await expectAtMostOnce(outcomes);
    });

    test("shows it nowhere where no way takes it, and says so if it can", async () => {
      const outcomes = secret({ before: () => on().privately.refuseAll() });
      await on().command("secret");
      expect(await told(outcomes)).toBe("not shown");
      await saidAfter();
      await expectAtMostOnce(outcomes);
      expect(await holding(KEY)).toEqual([]);
      // Where there are several ways none of them took that either.
      if (on().privately.refuseFirst !== undefined) expect(await holding(THEN)).toEqual([]);
    });

    test("is sent no second time where nobody knows of the first", async () => {
      const { loseAnswer } = on().privately;
      if (loseAnswer === undefined) return;
      const outcomes = secret({ before: async () => loseAnswer() });
      await on().command("secret");
      expect(await told(outcomes)).toBe("not known");
      await saidAfter();
      expect(await sentWith(KEY)).toHaveLength(1);
      // It was shown after all, and still stands there.
      expect(await holding(KEY)).toHaveLength(1);
      await expectAtMostOnce(outcomes);
    });

    test("that cannot be drawn is told as not shown", async () => {
      const action = { name: "No name of an action", subject: "" };
      const card: Card = { ...secretCard, actions: [{ label: "Go", style: "plain", action }] };
      const outcomes = secret({ card });
      await on().command("secret");
      expect(await told(outcomes)).toBe("not shown");
      await eventually(async () => (await holding(THEN))[0]);
      expect(await sentWith(KEY)).toEqual([]);
      await expectAtMostOnce(outcomes);
    });

    test("that has no room in a message is not shown in part, nor as a file", async () => {
      const card: Card = {
        ...secretCard,
        body: [{ kind: "log", lines: [KEY.repeat(100_000)], transient: true }],
      };
      const outcomes = secret({ card });
      await on().command("secret");
      expect(await told(outcomes)).toBe("not shown");
      await eventually(async () => (await holding(THEN))[0]);
      expect(await sentWith(KEY)).toEqual([]);
      await expectAtMostOnce(outcomes);
    });

    test("harms nothing where the core cannot note what came of it", async () => {
      const outcomes = secret({ fails: true });
      await on().command("secret");
      expect(await told(outcomes)).toBe("shown");
      core().answer({ kind: "message", visibility: "channel", card: { ...secretCard, body: [] } });
      await on().command("status");
      await eventually(async () => (await bots()).find(({ seenBy }) => seenBy === "everybody"));
      expect(await holding(KEY)).toHaveLength(1);
      await expectAtMostOnce(outcomes);
    });
  });
}
