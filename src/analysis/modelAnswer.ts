import type { Pack } from "../evidence/pack.ts";
import { behindSecondWall } from "../logs/redaction/secondWall.ts";
import type { Redaction } from "../logs/redaction.ts";
import type { ModelMessage, Standing } from "../models/languageModel.ts";
import type { TenantModel } from "../models/tenantModel.ts";
import type { Answer } from "./answer.ts";
import { checkRootCause } from "./grounding/check.ts";
import { groundsOf } from "./grounding/evidence.ts";
import { parseForm } from "./grounding/parse.ts";
import { leadBySurer } from "./lead.ts";
import { heedVerdicts } from "./pastVerdict.ts";
import { neutral } from "./prompt/neutral.ts";
import {
  ANALYST,
  evidenceMessage,
  ROOT_CAUSE_QUESTION,
  ROOT_CAUSE_SCHEMA,
  rootCauseForm,
} from "./prompt/rootCause.ts";
import { createUnquoted } from "./prompt/unquoted.ts";
import { createTally } from "./tally.ts";
import { countOf, insteadNote } from "./words.ts";

export interface RootCauseAsk {
  model: TenantModel;
  pack: Pack;
  fence: string;
  /** What the built-in analyzer says: the answer where the model gives none that holds. */
  builtin: Answer;
  linkHosts: readonly string[];
  /** How the tenant's texts are redacted: a model may know a secret, or put one together. Absent: as everybody's are. */
  redaction?: Pick<Redaction, "redact">;
  /** What the model is told; absent: what the analyst is. */
  system?: string;
  /** Told whether it waits or is asked. */
  onStanding?: (standing: Standing) => void;
  signal: AbortSignal;
}

/** Packs of more are cut down. Most have half of it. */
const MAX_PACK_TOKENS = 6_000;
const MAX_OUTPUT_TOKENS = 2_000;
/** Of an answer that was in no form, so that the model sees what it did. */
const SAID_CHARS = 2_000;
const ASK_AGAIN =
  "That was not in the given form. Answer again, with nothing but one JSON object of the form: verdict, hypotheses, summary, nextStep, lookAt.";

/**
 * A model's answer, checked: as it was written, repaired, or asked for once more. Where none of these gives an answer that holds, the
 * built-in analyzer's, which says why.
 */
export async function askRootCause(ask: RootCauseAsk): Promise<Answer> {
  const { model, pack, fence, linkHosts, redaction, system = ANALYST } = ask;
  const name = `${model.provider} ${model.model}`;
  const messages: ModelMessage[] = [
    evidenceMessage(pack, fence, { maxTokens: MAX_PACK_TOKENS, countTokens: model.countTokens }),
    { role: "user", text: ROOT_CAUSE_QUESTION },
  ];
  const spent = createTally();
  let why = "";
  for (let attempt = 0; attempt < 2; attempt++) {
    const request = {
      system,
      messages,
      schema: ROOT_CAUSE_SCHEMA,
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      ...(ask.onStanding !== undefined && { onStanding: ask.onStanding }),
    };
    const reply = await model.ask("root cause", request, ask.signal);
    spent.add(reply);
    if (reply.outcome !== "answered") {
      why = reply.why;
      // Only what came and is of no use may be better the second time; the rest was tried again where that helps.
      if (reply.outcome === "unusable") continue;
      break;
    }
    const form = parseForm(reply.text, rootCauseForm);
    if (form === undefined) {
      why = "its answer was not in the form that was asked for";
      const said = createUnquoted(pack, [])(neutral(reply.text.slice(0, SAID_CHARS)));
      messages.push({ role: "model", text: said }, { role: "user", text: ASK_AGAIN });
      continue;
    }
    const grounds = groundsOf(pack, [system, fence]);
    const { answer, claims, dropped } = checkRootCause(form, grounds, linkHosts, redaction?.redact);
    if (answer === undefined) {
      why = `${dropped === 0 ? "it names no cause" : `${dropped} of its ${countOf(claims, "claim", "claims")} could not be found in the evidence`}, so that nothing of its answer is left`;
      break;
    }
    const said: Answer = {
      ...(await behindSecondWall(answer)),
      provider: model.provider,
      model: model.model,
      note: `${name}${spent.text()}${dropped === 0 ? "" : `; ${dropped} of its ${countOf(claims, "claim", "claims")} left out, because the evidence does not hold them`}.`,
    };
    return leadBySurer(heedVerdicts(pack, said), ask.builtin);
  }
  return {
    ...ask.builtin,
    insteadOf: name,
    note: insteadNote(model, why, spent.text()),
  };
}
