import { withoutNumbers } from "../logs/markNumbers.ts";
import { type Pattern, readPattern } from "../logs/redaction/patterns.ts";
import { createRedaction, type Redaction } from "../logs/redaction.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Effect, listPatterns } from "./store.ts";

/** How everything of a tenant is redacted: by the rules that everybody has, and by its own. */
export async function redactionOf(scope: TenantScope): Promise<Redaction> {
  return createRedaction(await ownRules(scope));
}

/**
 * The same, for one analysis or one answer: the same secret has the same number wherever it stands in it
 * (`<redacted:jwt#1>`). Numbers that stand in what is read are another analysis's, or somebody's who made them up: they go.
 */
export async function numberedRedactionOf(scope: TenantScope): Promise<Redaction> {
  const { redact, sampleOf } = createRedaction({ ...(await ownRules(scope)), isNumbered: true });
  return {
    redact: (text) => redact(withoutNumbers(text)),
    sampleOf: (text, maxChars) => sampleOf(withoutNumbers(text), maxChars),
  };
}

/**
 * The same for what is looked up beside an analysis, without numbers: they would be taken for those of its evidence, where
 * the same secret has another one.
 */
export async function unnumberedRedactionOf(scope: TenantScope): Promise<Redaction> {
  const { redact, sampleOf } = await redactionOf(scope);
  return {
    redact: (text) => redact(withoutNumbers(text)),
    sampleOf: (text, maxChars) => sampleOf(withoutNumbers(text), maxChars),
  };
}

async function ownRules(scope: TenantScope): Promise<{ extra: Pattern[]; allowed: Pattern[] }> {
  const patterns = await listPatterns(scope);
  const withEffect = (wanted: Effect) =>
    patterns.filter(({ effect }) => effect === wanted).map(({ pattern }) => known(pattern));
  return { extra: withEffect("hide"), allowed: withEffect("show") };
}

/** It was read before it was kept. One that cannot be read any more stops what would show it, rather than show it. */
function known(text: string): Pattern {
  const pattern = readPattern(text);
  if (typeof pattern === "string") throw new Error(`a kept redaction pattern cannot be read: ${pattern}`);
  return pattern;
}
