import type { Pack } from "../evidence/pack.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Answer } from "./answer.ts";
import { fitConfidence } from "./calibration.ts";
import { CAP, classOf } from "./evidenceClass.ts";
import { verdictFactor } from "./pastVerdict.ts";
import { listJudged } from "./store.ts";
import { countOf } from "./words.ts";

/**
 * An answer with the confidence that answers of this kind have earned, where people have judged enough of them; never more than its
 * evidence can carry. What they earned is read off what was stated, before people's word on this very conclusion: that lowers the
 * one and not all of its kind, and is heeded once.
 */
export async function fitted(scope: TenantScope, pack: Pack, answer: Answer): Promise<Answer> {
  if (answer.culprit === undefined) return answer;
  const judged = await listJudged(scope, answer.provider);
  const meant = fitConfidence(judged.map(({ stated, outcome }) => ({ confidence: stated, outcome })));
  if (meant === undefined) return answer;
  const stated = answer.statedConfidence ?? answer.confidence;
  const earned = Math.min(meant(stated), answer.mostConfidence ?? 1, CAP[classOf(pack, answer.cites)]);
  const confidence = Math.round(100 * earned * verdictFactor(pack, answer)) / 100;
  if (confidence === answer.confidence) return answer;
  return {
    ...answer,
    confidence,
    statedConfidence: stated,
    confidenceReasons: [
      ...answer.confidenceReasons,
      `fitted to what people said of ${countOf(judged.length, "earlier answer", "earlier answers")}`,
    ],
  };
}
