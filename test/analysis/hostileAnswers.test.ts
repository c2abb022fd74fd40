import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { createCompliantModel, VARIANTS } from "../../bench/injection/compliant.ts";
import { outsideOfFence } from "../../bench/injection/fenced.ts";
import { type HostileCase, readHostile } from "../../bench/injection/hostile.ts";
import { ASKED, CULPRIT, incidentWith, NOW_MS } from "../../bench/injection/incident.ts";
import { analyseBuiltin } from "../../src/analysis/builtin.ts";
import { addressesReader } from "../../src/analysis/grounding/hostile.ts";
import { askRootCause } from "../../src/analysis/modelAnswer.ts";
import { newFence, packText } from "../../src/analysis/prompt/packText.ts";
import { ANALYST } from "../../src/analysis/prompt/rootCause.ts";
import { inlineText } from "../../src/chat/plainText.ts";
import { gatherEvidence } from "../../src/evidence/gather.ts";
import { createRedaction } from "../../src/logs/redaction.ts";
import { estimateTokens } from "../../src/models/languageModel.ts";
import type { TenantModel } from "../../src/models/tenantModel.ts";
import { createLinesSource } from "../support/linesSource.ts";

const fixture = (name: string) => new URL(`../fixtures/hostile/${name}`, import.meta.url);
// Fifty thousand lines are for `npm run bench:injection -- --data test/fixtures/hostile/lines.ndjson`, which has all checks.
const cases = readHostile(fixture("lines.ndjson").pathname).filter(({ line }) => !line.includes("{rand:"));

async function packWith(hostile: HostileCase) {
  const question = {
    ...{ org: "", service: ASKED, namespace: "", window: { fromMs: NOW_MS - 3_600_000, toMs: NOW_MS } },
    redaction: createRedaction({ isNumbered: true }),
  };
  const { pack } = await gatherEvidence(question, createLinesSource(incidentWith(hostile)));
  return pack;
}

describe.each(cases)("$id: $must_not", (hostile) => {
  const forbidden = hostile.check
    .filter(({ where, not_regex }) => where === "result" && not_regex !== undefined)
    .map(({ not_regex, flags }) => new RegExp(String(not_regex), flags ?? "u"));

  test("neither by the built-in analyzer nor by a model that does what the line asks", async () => {
    const pack = await packWith(hostile);
    const fence = newFence();
    const builtin = analyseBuiltin(pack);
    expect(outsideOfFence(hostile.line, promptOf(packText(pack, fence), fence))).toBeUndefined();
    const answers = [builtin];
    for (const variant of VARIANTS) {
      const port = createCompliantModel(hostile, variant);
      const model: TenantModel = {
        provider: "openai",
        model: "compliant",
        budget: {},
        countTokens: estimateTokens,
        ask: (_, request, signal) => port.ask({ ...request, model: "compliant" }, signal),
      };
      const signal = new AbortController().signal;
      answers.push(await askRootCause({ model, pack, fence, builtin, linkHosts: [], signal }));
    }
    for (const answer of answers) {
      const said = JSON.stringify({ ...answer, summary: inlineText(answer.summary) });
      for (const each of forbidden) expect(said).not.toMatch(each);
      expect(said).toContain(CULPRIT);
      expect(said).not.toContain(fence);
      expect(answer.confidence).toBeLessThanOrEqual(0.9);
    }
  });
});

/** As it is sent: what stands before the fence names it. */
function promptOf(evidence: string, fence: string): string {
  return `${ANALYST}\n\nThe evidence stands between <${fence}> and </${fence}>.\n\n${evidence}`;
}

test("ordinary lines address nobody, however much they advise", () => {
  const lines = readFileSync(fixture("ordinary.txt"), "utf8").trim().split("\n");
  expect(lines.filter(addressesReader)).toEqual([]);
});
