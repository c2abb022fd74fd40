import { beforeAll, describe, expect, test } from "@jest/globals";
import { KILL_POINTS } from "../../bench/kill/points.ts";
import { type KillTestResult, runKillTest } from "../../bench/kill/run.ts";
import { sumOf } from "../../bench/kill/table.ts";

/** `npm run bench:delivery` in short: an instance of two killed at every step of an alert, while platforms lose answers. */
describe("kill -9 of an instance that alerts", () => {
  let result: KillTestResult;

  beforeAll(async () => {
    result = await runKillTest({ kills: 4, seed: 1, history: true, scale: "short" });
  }, 800_000);

  const troublesOf = () =>
    result.phases.flatMap(({ name, troubles }) => troubles.map((why) => `${name}: ${why}`));

  test("at each step there is: each episode stands once in each channel, and shows how it ended", () => {
    expect(troublesOf()).toEqual([]);
    const { episodes, messages } = sumOf(result.phases);
    expect(episodes).toBeGreaterThan(10);
    expect(messages).toBeGreaterThan(10);
  });

  test("somebody was killed at every one of them, and nobody ended otherwise", () => {
    expect(result.missed).toEqual([]);
    const kills = result.phases.filter(({ name }) => (KILL_POINTS as readonly string[]).includes(name));
    expect(kills.map((phase) => phase.kills)).toEqual(KILL_POINTS.map(() => 1));
    expect(result.ended).toBe(0);
  });

  test("no rule of either platform was broken", () => {
    expect(result.complaints).toEqual([]);
  });
});
