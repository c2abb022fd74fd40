import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createRelatedIndex, similarityOf } from "../../src/clusters/related.ts";
import { OPPOSITES } from "../../src/clusters/tellingWords.ts";
import { leastMs } from "../support/leastMs.ts";

/** Words that are nothing but names: no known word begins with a z or ends with a q. */
const name = fc.stringMatching(/^z[a-z]{2,9}q$/);
const names = (minLength: number, maxLength = 30) => fc.array(name, { minLength, maxLength });
const word = fc.oneof(
  name,
  fc.constantFrom("<*>", "removing", "connect", "up", "not", "TypeError", "GET", "port=<*>", "on-start", "…"),
);
const template = fc.array(word, { maxLength: 14 }).map((words) => words.join(" "));

/** The same sentence twice, with one and the other word somewhere in it. */
const placed = (pair: fc.Arbitrary<readonly [string, string]>, least: number) =>
  fc.tuple(pair, names(least), fc.nat()).map(([[a, b], around, seed]) => {
    const at = seed % (around.length + 1);
    return [around.toSpliced(at, 0, a).join(" "), around.toSpliced(at, 0, b).join(" ")] as const;
  });

function expectUnrelated(pair: fc.Arbitrary<readonly [string, string]>): void {
  fc.assert(fc.property(placed(pair, 1), ([a, b]) => expect(similarityOf(a, b)).toBeUndefined()));
}

describe("two templates are related", () => {
  test("that differ by a name no rule knows, also in a short sentence that says what is done", () => {
    expect(similarityOf("removing chargen", "removing daytime")).toBe(0.5);
    expect(similarityOf("queue mail of <*> is slow", "queue orders of <*> is slow")).toBe(0.8);
    expect(similarityOf("queue mail of <*> is slow", "queue <*> of <*> is slow")).toBe(0.8);
  });

  test("also where a name has a deed in it, or is written otherwise", () => {
    expect(similarityOf("client mail-reader is slow", "client letter-reader is slow")).toBe(0.75);
    expect(similarityOf("client Mail is slow", "client mail is slow")).toBe(0.75);
  });

  test("when one name is another in a sentence of four words and more", () => {
    const differing = fc.tuple(name, name).filter(([a, b]) => a !== b);
    fc.assert(
      fc.property(placed(differing, 3), ([a, b]) => {
        const length = a.split(" ").length;
        expect(similarityOf(a, b)).toBeCloseTo((length - 1) / length);
      }),
    );
  });

  test("when up to three are in a longer one, and no more", () => {
    fc.assert(
      fc.property(names(4), fc.integer({ min: 1, max: 6 }), (words, changed) => {
        const other = words.map((one, at) => (at < changed ? `${one}zq` : one));
        const differing = Math.min(changed, words.length);
        expect(similarityOf(words.join(" "), other.join(" ")) !== undefined).toBe(
          differing <= 3 && differing <= words.length / 4,
        );
      }),
    );
  });

  test("in either order, and none to itself", () => {
    fc.assert(
      fc.property(template, template, (a, b) => {
        expect(similarityOf(a, b)).toBe(similarityOf(b, a));
        expect(similarityOf(a, a)).toBeUndefined();
      }),
    );
  });

  test("by the order of their words", () => {
    expect(similarityOf("queue mail waits for orders", "queue orders waits for mail")).toBeUndefined();
  });

  test("as far as both go, where they were cut", () => {
    const [a, b] = ["mail", "orders"].map(
      (queue) => `queue ${queue} is slow since ${queue}-w… (+90 characters)`,
    );
    expect(similarityOf(a as string, b as string)).toBe(0.8);
  });
});

describe("two templates are never related", () => {
  test.each(OPPOSITES)("that say %s and %s", (one, other) => {
    const forms = (of: string) => [of, `${of}s`, `${of[0]?.toUpperCase()}${of.slice(1)}`, of.toUpperCase()];
    const within = [`on-${one}`, `on-${other}`] as const;
    expectUnrelated(
      fc.oneof(
        fc.tuple(fc.constantFrom(...forms(one)), fc.constantFrom(...forms(other))),
        fc.constant(within),
        fc.constant([`the${one[0]?.toUpperCase()}${one.slice(1)}`, "the"] as const),
      ),
    );
  });

  test.each([
    ["started", "stopped"],
    ["starting", "stopping"],
    ["start", "stopping"],
    ["opened", "closing"],
    ["enabling", "disabled"],
    ["acquired", "releasing"],
    ["locked", "unlocking"],
    ["connection", "disconnection"],
    ["allowed", "denied"],
    ["allows", "denial"],
    ["accepts", "refusal"],
    ["adding", "removal"],
    ["began", "ended"],
    ["beginning", "ending"],
    ["committed", "rollback"],
    ["committing", "aborting"],
    ["activation", "deactivation"],
    ["succeeded", "failing"],
    ["successful", "failed"],
    ["successfully", "hardly"],
    ["joined", "left"],
    ["reader", "writer"],
    ["onConnect", "onDisconnect"],
    ["link_up", "link_down"],
    ["NotFound", "Found"],
    ["half-open", "open"],
    ["reset", "refused"],
    ["warning", "fatal"],
    ["Warn", "Error"],
    ["GET", "DELETE"],
    ["ECONNREFUSED", "ETIMEDOUT"],
    ["TypeError", "RangeError"],
    ["java.io.IOException", "java.net.SocketException"],
    ["TypeError", "<*>"],
    ["stopped", "<*>"],
    ["placing", "cancelling"],
    ["port=<*>", "host=<*>"],
  ])("that differ by %s and %s, whatever stands around it", (one, other) => {
    expectUnrelated(fc.constant([one, other] as const));
  });

  test("of which one denies the other", () => {
    const prefix = fc.constantFrom("un", "dis", "in", "im", "ir", "il", "non", "non-", "de", "mis");
    expectUnrelated(fc.tuple(prefix, name).map(([before, of]) => [before + of, of] as const));
    expectUnrelated(fc.tuple(fc.constantFrom("not", "no", "never", "without", "isn"), name));
    const [yes, no] = ["still really", "no longer"].map(
      (how) => `disk <*> of host zeta is ${how} there with all`,
    );
    expect(similarityOf(yes as string, no as string)).toBeUndefined();
  });

  test("of which one does another thing and fails in another way", () => {
    const failures = fc.constantFrom("TypeError", "S3Exception", "ECONNRESET", "EAI_AGAIN");
    fc.assert(
      fc.property(names(1), fc.tuple(failures, failures), (around, [one, other]) => {
        fc.pre(one !== other);
        const [a, b] = [`placing ${one}`, `cancelling ${other}`].map((what) => `${what} ${around.join(" ")}`);
        expect(similarityOf(a as string, b as string)).toBeUndefined();
      }),
    );
  });

  test.each([
    ["connection refused", "connection reset"],
    ["unknown error", "internal error"],
    ["disk full", "disk slow"],
    ["", "x"],
  ])("with as few words as %s and %s", (a, b) => {
    expect(similarityOf(a, b)).toBeUndefined();
  });
});

describe("an index of templates", () => {
  test("finds what a comparison with each would find", () => {
    const templates = fc.array(template, { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(templates, fc.nat(), name, (known, seed, other) => {
        const index = createRelatedIndex<string>();
        for (const one of known) index.add(one, one);
        const words = (known[seed % known.length] as string).split(" ");
        const asked = words.with(seed % words.length, other).join(" ");
        const alike = known.flatMap((one) => similarityOf(asked, one) ?? []).sort((a, b) => b - a);
        const found = index.find(asked).map(({ similarity }) => similarity);
        expect(found).toHaveLength(Math.min(3, alike.length));
        // Of more, those that differ in one word are as good as each other.
        if (alike.length <= 3) expect(found).toEqual(alike);
      }),
      { numRuns: 500 },
    );
  });

  const letters = (at: number) => [...String(at)].map((digit) => "bcdfghjklm"[Number(digit)]).join("");
  test.each<[string, (of: string) => string]>([
    ["two words", (of) => `removing z${of}q`],
    ["two words and never related", (of) => `removing z${of}qed`],
    ["twelve words", (of) => `cannot reach the z${of}q queue of <*> after <*> tries so giving up`],
    ["sixty words, of which two change", (of) => `${"some ".repeat(58)}z${of}q y${of}q`],
    ["sixty words, all others", (of) => `z${of}q `.repeat(60)],
  ])("of 5,000 with %s takes a moment, not one comparison for each pair", (_, templateOf) => {
    const relate = () => {
      const index = createRelatedIndex<number>();
      for (let at = 0; at < 5_000; at++) {
        const of = templateOf(letters(at));
        index.find(of);
        index.add(of, at);
      }
    };
    // Each with each would be 12.5 million comparisons, some ten seconds.
    expect(leastMs(relate, 3)).toBeLessThan(1_500);
  });
});
