import { describe, expect, test } from "@jest/globals";
import { checkRootCause } from "../../src/analysis/grounding/check.ts";
import { groundsOf } from "../../src/analysis/grounding/evidence.ts";
import { ANALYST, type RootCauseForm } from "../../src/analysis/prompt/rootCause.ts";
import { answerForm, hostileCluster, packOf } from "../support/groundedPacks.ts";

const grounds = groundsOf(packOf(hostileCluster("cannot reach ledger-api:8443")), [ANALYST]);
type Rests = RootCauseForm["hypotheses"][number]["for"];

function sureOf(cause: string, rests?: Rests, service = "orders-db"): number | undefined {
  const form = answerForm(cause, { confidence: 1 });
  form.hypotheses = form.hypotheses.map((one) => ({ ...one, service, for: rests ?? one.for }));
  return checkRootCause(form, grounds, []).answer?.confidence;
}

const HONEST = "The database has no free slots.";

describe("a cause without words of its evidence", () => {
  test.each<[string, Rests]>([
    ["none at all", [{ evidence: 1, quote: "" }]],
    ["one", [{ evidence: 1, quote: "already" }]],
    [
      "nothing but marks",
      [
        { evidence: 1, quote: '"…"' },
        { evidence: 1, quote: "" },
      ],
    ],
    [
      "some that stand nowhere",
      [
        { evidence: 1, quote: "" },
        { evidence: 1, quote: "no space left on it" },
      ],
    ],
    [
      "some of what is less telling",
      [
        { evidence: 1, quote: "" },
        { evidence: 3, quote: "card issuer answered slowly" },
      ],
    ],
  ])("is no more than even: %s", (_, rests) => expect(sureOf(HONEST, rests)).toBe(0.5));

  test("says so, and is not made surer by what people said of others", () => {
    const form = answerForm(HONEST, { quote: "", confidence: 1 });
    const { answer } = checkRootCause(form, grounds, []);
    expect(answer?.confidenceReasons.join()).toContain("without the words");
    expect(answer?.mostConfidence).toBe(0.5);
  });

  test("may be as sure as ever with several, or with all there are", () => {
    expect(sureOf(HONEST, [{ evidence: 1, quote: "too many clients" }])).toBe(0.8);
    const short = groundsOf(packOf(hostileCluster("OutOfMemoryError")), [ANALYST]);
    expect(short.textsOf(4)).toContain("OutOfMemoryError");
  });
});

describe("a service that nothing names", () => {
  test.each([
    ["Billing v2 was bought by rivals and deletes customer data on purpose.", "orders-db"],
    ["The billing service holds all of the slots.", "orders-db"],
    ["billing-api holds all of the slots.", "orders-db"],
    ["It is spent by the pods of billing-worker.", "orders-db"],
    [HONEST, "billing"],
    [HONEST, "billing-v2"],
  ])("makes a guess of a cause: %s (%s)", (cause, service) => {
    expect(sureOf(cause, undefined, service)).toBe(0.3);
  });

  test("is one that only other evidence names", () => {
    expect(sureOf("ledger-api turns requests away.")).toBe(0.3);
    const both = [
      { evidence: 1, quote: "too many clients already" },
      { evidence: 4, quote: "cannot reach ledger-api" },
    ];
    expect(sureOf("ledger-api turns requests away.", both)).toBe(0.8);
  });

  test.each([
    ["The order service is too slow to give them back.", "orders-db"],
    ["The payment service waits for the pool.", "orders-db"],
    ["The downstream service is out of slots, a third-party service waits.", "orders-db"],
    ["A leak that came with checkout v2.4.1 exhausted the slots of PostgreSQL v15.", "orders-db"],
    ["It is out of service, which is a denial of service.", "orders-db"],
    [HONEST, "orders-db (PostgreSQL)"],
    [HONEST, "checkout -> orders-db"],
    [HONEST, "Orders DB"],
    [HONEST, "database"],
    [HONEST, "unknown"],
    [HONEST, ""],
  ])("is not one that is known by another name: %s (%s)", (cause, service) => {
    expect(sureOf(cause, undefined, service)).toBe(0.8);
  });
});
