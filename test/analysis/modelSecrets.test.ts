import { describe, expect, test } from "@jest/globals";
import { analyseBuiltin } from "../../src/analysis/builtin.ts";
import { discuss } from "../../src/analysis/discuss.ts";
import { askRootCause } from "../../src/analysis/modelAnswer.ts";
import type { RootCauseForm } from "../../src/analysis/prompt/rootCause.ts";
import { readPattern } from "../../src/logs/redaction/patterns.ts";
import { createRedaction } from "../../src/logs/redaction.ts";
import { estimateTokens } from "../../src/models/languageModel.ts";
import type { TenantModel } from "../../src/models/tenantModel.ts";
import { answerForm, packOf } from "../support/groundedPacks.ts";
import { createLinesSource } from "../support/linesSource.ts";

const pack = packOf();
const builtin = analyseBuiltin(pack);
const signal = new AbortController().signal;
const fence = "EVIDENCE-q3Zr8TjVw0aB";
const own = readPattern("ACME-######");
if (typeof own === "string") throw new Error(own);
const redaction = createRedaction({ extra: [own] });

function modelOf(text: string): TenantModel {
  return {
    ...{ provider: "openai", model: "m", budget: {}, countTokens: estimateTokens },
    ask: async (_: string, { onText }: { onText?(piece: string): void }) => {
      onText?.(text);
      return { outcome: "answered", text, calls: [] };
    },
  } as unknown as TenantModel;
}

const answerOf = (form: RootCauseForm) =>
  askRootCause({
    ...{ model: modelOf(JSON.stringify(form)), pack, fence, builtin, linkHosts: [], redaction, signal },
  });

async function threadOf(said: string) {
  const shown: string[] = [];
  const result = await discuss({
    ...{ model: modelOf(said), conversation: { pack, answer: builtin, fence }, turns: [], question: "why?" },
    linkHosts: [],
    questionsBefore: 0,
    onStanding: () => undefined,
    lookUp: {
      ...{ logs: createLinesSource([]), redaction, pack, nowMs: 0, signal },
    } as unknown as Parameters<typeof discuss>[0]["lookUp"],
    show: (soFar) => void shown.push(soFar),
  });
  return JSON.stringify([result, shown]);
}

const SECRETS: [what: string, secret: string][] = [
  ["key of AWS", "AKIAIOSFODNN7EXAMPLE"],
  ["token of GitHub", "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"],
  ["password", "password: hunter2Sup3r!"],
  ["number of the tenant's own", "ACME-123456"],
];

describe.each(SECRETS)("a %s", (_, secret) => {
  const said = `The pool is spent by whoever signs in with ${secret} since then.`;
  const bare = secret.replace(/^.*: /, "");

  test("that a model says is shown nowhere on a card", async () => {
    const base = answerForm(said, { advice: said });
    const answer = await answerOf({ ...base, summary: [{ sentence: said, evidence: [1] }], lookAt: [said] });
    expect(answer.provider).toBe("openai");
    expect(answer.rootCause).toContain("<redacted:");
    expect(JSON.stringify(answer)).not.toContain(bare);
  });

  test("nor in a command", async () => {
    const command = `psql "user=app ${secret.replace(": ", "=")}" -c 'select 1'`;
    const answer = await answerOf(answerForm("The pool is spent.", { command }));
    expect(answer.suggestedAction).toBe("Look at who holds the connections.");
  });

  test("nor in a thread, whole or while it is written", async () => {
    const said = `The pool is spent by whoever signs in with ${secret} since then [1].`;
    const shown = await threadOf(`${said} It began then. More is not known of it.`);
    expect(shown).toContain("<redacted:");
    expect(shown).not.toContain(bare);
  });
});

test.each([
  "AKIA`IOSF`ODNN7EXAMPLE",
  "AKIA[1]IOSFODNN7EXAMPLE",
  "AKIA\u200bIOSFODNN7EXAMPLE",
  "ＡＫＩＡIOSFODNN7EXAMPLE",
])("a secret that is whole only when its marks are gone is none to be shown: %s", async (parted) => {
  const answer = await answerOf(answerForm(`The pool is spent by whoever has ${parted} since then.`));
  expect(JSON.stringify(answer)).not.toMatch(/AKIA.{0,3}IOSF/);
});
