import { expect, test } from "@jest/globals";
import { alsoNamed } from "../../src/analysis/alsoNamed.ts";
import type { Block } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Pack } from "../../src/evidence/pack.ts";

/** Under an alert of these services, the evidence being of others. */
function said(services: readonly string[], evidence: readonly string[]): string {
  const pack = { service: "checkout", clusters: evidence.map((service) => ({ service })) } as unknown as Pack;
  const body: Block[] = alsoNamed(pack, services);
  return plainText({ title: "t", tone: "neutral", body }).replace(/^t\s*/, "");
}

test("the services of an alert that its root cause says nothing of are named, and how to ask about the worst of them", () => {
  expect(said(["checkout", "mailer", "gateway"], ["gateway"])).toBe(
    "This looks at checkout and what it calls. The alert also names mailer: type analyze mailer.",
  );
  expect(said(["a", "checkout", "b"], [])).toContain("names a and b: type analyze a.");
  expect(said(["a", "b", "c", "d", "e"], ["b"])).toContain("names a, c, d and 1 more: type analyze a.");
  expect(said(["order worker"], [])).toContain('type analyze "order worker".');
});

test("nothing is said where the evidence is of all of them, or the alert is of none", () => {
  expect(said(["checkout", "gateway"], ["gateway", "payments"])).toBe("");
  expect(said([], ["gateway"])).toBe("");
});
