import type { TenantScope } from "../tenancy/scope.ts";
import { USUAL_RULES } from "./episode.ts";
import type { Circumstances } from "./tenantWatch.ts";

/** What people have said that decides whether something is an episode, as of now. */
export async function readCircumstances(_scope: TenantScope, _nowMs: number): Promise<Circumstances> {
  return {
    rules: () => USUAL_RULES,
    isMaintained: () => false,
    weighed: (_ref, _minuteMs, finding) => finding,
  };
}
