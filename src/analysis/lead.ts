import { LOOK_AT } from "./abstain.ts";
import type { Answer } from "./answer.ts";

/**
 * Which of two answers leads the card, of what is left of a model's and the built-in analyzer's: the surer one. A model's that is less
 * sure stands below as a hypothesis. "Not visible in these logs" is no less sure cause but a finding of its own: it leads, with where
 * to look and with what the built-in analyzer would do next.
 */
export function leadBySurer(model: Answer, builtin: Answer): Answer {
  const computed = { rootCause: builtin.rootCause, confidence: builtin.confidence };
  const [best] = model.hypotheses ?? [];
  if (model.cites.length === 0 || best === undefined) {
    const { suggestedAction } = builtin;
    const lookAt = [model.lookAt, builtin.lookAt, LOOK_AT].find(
      (each) => each !== undefined && each.length > 0,
    );
    return {
      ...model,
      computed,
      ...(suggestedAction !== undefined && { suggestedAction }),
      ...(lookAt !== undefined && { lookAt }),
    };
  }
  if (model.confidence >= builtin.confidence) return { ...model, computed };
  const name = `${model.provider} ${model.model}`;
  const lookAt = model.lookAt ?? builtin.lookAt;
  return {
    ...builtin,
    second: { ...best, by: name, confidence: model.confidence },
    ...(lookAt !== undefined && { lookAt }),
    note: `Built-in analyzer, because what is left of the model's answer is less sure. ${model.note ?? name}`,
  };
}
