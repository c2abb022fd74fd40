import { oweDelivery } from "../alerting/deliveries.ts";
import type { Card } from "../chat/card.ts";
import type { Cluster } from "../clusters/cluster.ts";
import { upsertClusters } from "../clusters/store.ts";
import type { Pack } from "../evidence/pack.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { alertServicesOf } from "./alsoNamed.ts";
import type { Answer } from "./answer.ts";
import { analysisCard } from "./card.ts";
import { type Conversation, claimAnswer, claimJoined, closeConversation } from "./conversations.ts";
import { rowOf, withLikenesses } from "./likeness.ts";
import { insertAnalysis } from "./store.ts";

/** What was found for a conversation. */
export interface Found {
  answer: Answer;
  fence?: string;
  pack: Pack;
  clusters: readonly Cluster[];
  linesUrl: string | undefined;
}

/** Keeps an answer, and owes it to everybody who waits for it, in the transaction that ends the search. */
export async function keepAnswer(
  scope: TenantScope,
  db: Queryable,
  conversation: Conversation,
  { answer, fence, pack: gathered, clusters, linesUrl }: Found,
): Promise<void> {
  if (!(await claimAnswer(scope, db, conversation.id))) return;
  const known = await upsertClusters(scope, db, clusters, {
    fromMs: gathered.lookbackFromMs,
    toMs: gathered.window.toMs,
  });
  const pack = await withLikenesses(scope, db, gathered, known);
  // Where no cause was named people can still say what it was: of what ranks first.
  const about = pack.clusters[answer.culprit ?? 0];
  const cluster = about && rowOf(about, known);
  const analysisId = cluster && (await insertAnalysis(scope, db, cluster.id, answer, pack));
  for (const one of [conversation, ...(await claimJoined(scope, db, conversation.id))]) {
    await closeConversation(scope, db, one.id, {
      state: "answered",
      pack,
      ...(analysisId !== undefined && { analysisId }),
      ...(fence !== undefined && { answer, fence }),
    });
    const refs = {
      conversationId: one.id,
      ...(analysisId !== undefined && { analysisId }),
      ...(linesUrl !== undefined && { linesUrl }),
      alertServices: await alertServicesOf(scope, db, one),
    };
    await owe(scope, db, one, analysisCard(pack, answer, refs));
  }
}

/** Owes the card that ends a search. */
export async function owe(
  scope: TenantScope,
  db: Queryable,
  { id, at }: Conversation,
  card: Card,
): Promise<void> {
  if (at === undefined) return;
  await oweDelivery(scope, db, { ...at, conversationId: id, kind: "answer", sequence: 1, card });
}
