import { lastFailure } from "../models/calls.ts";
import { findChoice } from "../models/choices.ts";
import { chosenOf, type Models } from "../models/tenantModel.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Check } from "./check.ts";
import { ill, well } from "./found.ts";

const FIX =
  "Check its key and address; docs/models.md says where each is set. The built-in analyzer answers meanwhile.";

/** Each provider that is set up: reached, and with the models that are named. Asking for that list costs nothing. */
export function modelChecks({ all }: Models): Check[] {
  if (all.length === 0)
    return [
      {
        name: "model",
        fix: FIX,
        run: async () => [well("No model is set up: the built-in analyzer answers.")],
      },
    ];
  return all.map((model) => ({
    name: `model ${model.provider}`,
    fix: FIX,
    async run(signal) {
      const { ok, summary } = await model.health(signal);
      return [ok ? well(summary) : ill("failure", summary, FIX)];
    },
  }));
}

/** Whether the model that the organisation has chosen answered when it was last asked. */
export function modelUseCheck(scope: TenantScope, models: Models, name = "root causes"): Check {
  return {
    name,
    standsOn: "schema",
    fix: FIX,
    async run() {
      const chosen = chosenOf(await findChoice(scope), models);
      if (chosen === undefined) return [well("By the built-in analyzer.")];
      const asked = `${chosen.model.provider} ${chosen.name}`;
      const failure = await lastFailure(scope);
      if (failure === undefined) return [well(`By ${asked}.`)];
      const finding = `The built-in analyzer answers in place of ${asked}: ${failure}`;
      return [
        {
          state: "warning",
          finding,
          fix: ["Type ", { code: "model show" }, ", or choose another with ", { code: "model use" }, "."],
        },
      ];
    },
  };
}
