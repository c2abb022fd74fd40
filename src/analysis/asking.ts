import { toJsonb } from "../database.ts";
import type { Pack } from "../evidence/pack.ts";
import type { Standing } from "../models/languageModel.ts";
import type { TenantModel } from "../models/tenantModel.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { alertServicesOf } from "./alsoNamed.ts";
import type { Answer } from "./answer.ts";
import { askingCard } from "./askingCard.ts";
import type { Conversation } from "./conversations.ts";
import type { Progress } from "./progress.ts";

export interface Asking {
  pack: Pack;
  builtin: Answer;
  model: Pick<TenantModel, "provider" | "model">;
  progress: Progress;
}

/**
 * What is done before a model is asked: the evidence is kept, so that questions are answered from it meanwhile.
 * @returns what shows on the card whether the model is asked, or waited for
 */
export async function beginAsking(
  scope: TenantScope,
  conversation: Conversation,
  { pack, builtin, model, progress }: Asking,
): Promise<(standing: Standing) => void> {
  const { id: conversationId } = conversation;
  const asked = `${model.provider} ${model.model}`;
  await keepGathered(scope, conversationId, pack);
  const alertServices = await scope.transaction((db) => alertServicesOf(scope, db, conversation));
  return (standing) =>
    progress.show(askingCard(pack, builtin, { asked, standing, conversationId, alertServices }));
}

/** Whoever looks again, since the process that did was killed, keeps what it gathered in its place. */
export async function keepGathered(scope: TenantScope, id: string, pack: Pack): Promise<void> {
  await scope.query(
    "update conversations set pack = $3 where tenant_id = $1 and (id = $2 or joins_id = $2) and state = 'queued'",
    [scope.tenantId, id, toJsonb(pack)],
  );
}
