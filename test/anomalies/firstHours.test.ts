import { describe, expect, test } from "@jest/globals";
import { FirstHours } from "../../src/anomalies/firstHours.ts";
import { noiseAt } from "../support/countsSource.ts";

/** Scores of minutes one after the other. */
function scoresOf(minutes: readonly number[], first = new FirstHours()): number[] {
  return minutes.map((errors) => first.push(errors).score);
}

const quiet = (count: number, most = 4) =>
  Array.from({ length: count }, (_, at) => Math.round(most * noiseAt(at * 60_000, 3)));

describe("of a service that is new", () => {
  test("nothing is told before a quarter of an hour has been seen", () => {
    expect(scoresOf([...quiet(14), 500, 500])).not.toContainEqual(expect.not.closeTo(0, 6));
    expect(scoresOf([...quiet(15), 500]).at(-1)).toBe(5);
  });

  test("an outage is told at once, a lesser rise in its second minute", () => {
    expect(scoresOf([...quiet(30), 60]).at(-1)).toBe(3);
    expect(scoresOf([...quiet(30), 16, 16]).slice(-2)).toEqual([0, 1.5]);
  });

  test("a burst of a minute is learnt, and an incident is not", () => {
    expect(scoresOf([...quiet(30), 16, 1, 1, 16, 16]).slice(-2)).toEqual([0, 0]);
    const after = scoresOf([...quiet(30), 60, 60, 60, 1, 1, 60]);
    expect(after.at(-1)).toBe(3);
  });

  test("a level that has stayed for six hours is learnt, and what goes far beyond it is told again", () => {
    const scores = scoresOf([...quiet(30), ...Array.from({ length: 400 }, () => 60)]);
    expect(scores.slice(30, 390)).not.toContain(0);
    expect(scores.slice(391)).not.toContainEqual(expect.not.closeTo(0, 6));
    const more = scoresOf([...quiet(30), ...Array.from({ length: 400 }, () => 60), 400]);
    expect(more.at(-1)).toBeGreaterThan(0);
  });

  test("ordinary noise of an hour is nothing, whatever its size", () => {
    for (const most of [1, 4, 30, 400]) expect(Math.max(...scoresOf(quiet(60, most)))).toBe(0);
  });

  test("goes on from what was kept as if nothing had been between", () => {
    const whole = scoresOf([...quiet(30), 16, 16, 1]);
    const first = new FirstHours();
    const before = scoresOf([...quiet(30), 16], first);
    const after = scoresOf([16, 1], new FirstHours(first.save().slice()));
    expect([...before, ...after]).toEqual(whole);
  });
});
