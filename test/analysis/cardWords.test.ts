import { describe, expect, test } from "@jest/globals";
import { analyseBuiltin } from "../../src/analysis/builtin.ts";
import { analysisCard } from "../../src/analysis/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Pack, RankedCluster } from "../../src/evidence/pack.ts";
import { packOf } from "../support/groundedPacks.ts";

const [database, symptom, chronic] = packOf().clusters as [RankedCluster, RankedCluster, RankedCluster];
const cardOf = (more: Partial<Pack> = {}) => {
  const pack = { ...packOf(), ...more };
  return analysisCard(pack, analyseBuiltin(pack), { conversationId: "c1", analysisId: "a1" });
};
const textOf = (more: Partial<Pack> = {}) => plainText(cardOf(more));

describe("a root cause's card", () => {
  test("lists every piece of evidence that its sentences cite, however far down it ranks", () => {
    const same = Array.from({ length: 5 }, (_, at) => ({
      ...symptom,
      fingerprint: `v1:${at}`,
      template: `checkout failed in way ${at}`,
    }));
    const late = {
      ...symptom,
      service: "inventory",
      template: "GET /items failed",
      onsetMs: (database.onsetMs ?? 0) + 76_000,
    };
    const text = textOf({ clusters: [database, ...same, chronic, late] });

    expect(text).toContain("inventory 76 s later [8]");
    expect(text).toContain("[8] inventory: GET /items failed");
  });

  test("says of what was not there before that none is usual", () => {
    const text = textOf({
      errors: { ...packOf().errors, counts: [...Array<number>(50).fill(0), ...Array<number>(10).fill(40)] },
    });

    expect(text).toContain("Errors per minute: 40 where none is usual");
    expect(text).not.toContain("0.0");
  });

  test("marks on its chart the moment that it says it began", () => {
    const early = { ...symptom, service: "web", onsetMs: (database.onsetMs ?? 0) - 51_000 };
    const card = cardOf({ clusters: [database, early] });
    const chart = card.body.find((block) => block.kind === "chart");

    expect(plainText(card)).toContain("Began: 2026-11-24 03:49:09 UTC");
    expect(chart?.kind === "chart" && chart.chart.marks?.at(-1)).toMatchObject({
      kind: "onset",
      atMs: early.onsetMs,
    });
  });

  test("shows no placeholder: what stands there where there is one line, and a gap where lines differ", () => {
    const many = { ...symptom, template: "run <*> page <*> failed", sample: "ERROR run 4: page 41 failed" };
    const text = (count: number) => textOf({ clusters: [database, { ...many, count }] });

    expect(text(120)).toContain("[2] checkout: run … page … failed");
    expect(text(1)).toContain("[2] checkout: run 4 page 41 failed");
  });
});

describe("what to do next", () => {
  const code = {
    ...database,
    service: "auth",
    link: "own" as const,
    template: "TypeError: x",
    sample: "TypeError: x",
  };
  const deploys = [
    { service: "auth", namespace: "", version: "3.8.0", atMs: (database.onsetMs ?? 0) - 40_000 },
  ];

  test("is one advice: to go back, and what else only if that does not help", () => {
    const { suggestedAction } = analyseBuiltin({ ...packOf(), clusters: [code], deploys });

    expect(suggestedAction).toMatch(
      /^Consider rolling auth back from 3\.8\.0\. If that does not end it: read the top of the stack/,
    );
    expect(suggestedAction?.match(/roll/g)).toHaveLength(1);
  });

  test.each([
    [
      2_000,
      /Also failing: web 2 s earlier \[2\] \(seconds tell no order: callers notice at once, and clocks differ\)\./,
    ],
    [60_000, /Against it: web 60 s earlier \[2\]\./],
  ])("what failed %i ms earlier is explained, or put against it", (earlierMs, expected) => {
    const web = { ...symptom, service: "web", onsetMs: (database.onsetMs ?? 0) - earlierMs };

    expect(textOf({ clusters: [code, web], deploys })).toMatch(expected);
  });
});
