import { performance } from "node:perf_hooks";
import { describe, expect, test } from "@jest/globals";
import { behindSecondWall, WITHHELD } from "../../src/logs/redaction/secondWall.ts";
import { redact } from "../../src/logs/redaction.ts";

const TOKEN = ["ghp_", "FAKEk4aXcaT4fNP0UcnZwJUVFk6LO0pINUxy"].join("");
const KEY = ["postgres://app:", "x7Kp9qW2", "@db.example/orders"].join("");

describe("the second wall", () => {
  test("lets through what holds no secret, as it is", async () => {
    const pack = {
      service: "checkout",
      clusters: [{ sample: "connect ECONNREFUSED 10.0.0.1:5432", count: 3 }],
      at: null,
    };
    expect(await behindSecondWall(pack)).toBe(pack);
  });

  test("withholds the whole of a text with a secret in it, and nothing else", async () => {
    const pack = {
      clusters: [{ sample: `denied ${TOKEN} for bob`, count: 3 }, { sample: "fine" }, { sample: KEY }],
    };
    expect(await behindSecondWall(pack)).toEqual({
      clusters: [{ sample: WITHHELD, count: 3 }, { sample: "fine" }, { sample: WITHHELD }],
    });
  });

  test("does not take a mark for a secret", async () => {
    const texts = [redact(KEY), redact(`a ${TOKEN}`)];
    expect(texts.join()).toContain("<redacted:");
    expect(await behindSecondWall(texts)).toBe(texts);
  });

  test("stays closed where it cannot tell", async () => {
    const broken = async () => {
      throw new Error("no rules");
    };
    expect(await behindSecondWall({ sample: "fine", count: 3 }, broken)).toEqual({
      sample: WITHHELD,
      count: 3,
    });
  });

  test("withholds all where texts are a secret only together", async () => {
    const together = async (text: string) => (text.includes("half\nof it") ? 1 : 0);
    expect(await behindSecondWall(["half", "of it"], together)).toEqual([WITHHELD, WITHHELD]);
  });

  test("keeps nothing of what it looked at", async () => {
    const before = performance.getEntriesByType("mark").length;
    for (let i = 0; i < 300; i++) await behindSecondWall([`line ${i}`, `${TOKEN}${i}`]);
    expect(performance.getEntriesByType("mark")).toHaveLength(before);
  });
});
