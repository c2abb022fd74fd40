import { randomUUID } from "node:crypto";
import type { Deliverer } from "../alerting/deliver.ts";
import { oweDelivery } from "../alerting/deliveries.ts";
import type { Cache } from "../cache/cache.ts";
import { cacheFor } from "../cache/keys.ts";
import { bounded } from "../chat/bounded.ts";
import type { Card } from "../chat/card.ts";
import type { ChatPlatform, MessageRef } from "../chat/platform.ts";
import { threadOf } from "../chat/shownAt.ts";
import type { Cluster } from "../clusters/cluster.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import { upsertClusters } from "../clusters/store.ts";
import { UserError } from "../errors.ts";
import { gatherEvidence } from "../evidence/gather.ts";
import type { Pack } from "../evidence/pack.ts";
import type { JobQueue, Task } from "../jobs/queue.ts";
import { type JobStatus, writeJobStatus } from "../jobs/status.ts";
import type { Log } from "../log.ts";
import { behindSecondWall } from "../logs/redaction/secondWall.ts";
import type { LogSource } from "../logs/source.ts";
import { numberedRedactionOf } from "../redactionRules/tenantRedaction.ts";
import type { TenantDirectory, Workspace } from "../tenancy/directory.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Answer } from "./answer.ts";
import { analyseBuiltin } from "./builtin.ts";
import { analysisCard, failedCard } from "./card.ts";
import {
  beginConversation,
  type Conversation,
  claimAnswer,
  closeConversation,
  findConversation,
  type NewConversation,
  rememberMessage,
} from "./conversations.ts";
import { keptOf } from "./kept.ts";
import { rowOf, withLikenesses } from "./likeness.ts";
import { linesBehind } from "./linesBehind.ts";
import { EDIT_TIMEOUT_MS, startProgress } from "./progress.ts";
import { insertAnalysis } from "./store.ts";

export interface AnalystParts {
  directory: TenantDirectory;
  logs: LogSource;
  fingerprints: FingerprintPool;
  queue: JobQueue;
  cache: Cache;
  deliverer: Pick<Deliverer, "wake">;
  platforms: readonly ChatPlatform[];
  log: Log;
  now: () => number;
}

/** Takes questions at once and answers them off the request path, through the job queue and the outbox. */
export interface Analyst {
  /** Begins a conversation and queues its analysis; the same act again finds the one it began. */
  ask(workspace: Workspace, question: NewConversation): Promise<Conversation>;
  /** Keeps where the question is shown; a card that comes after the answer stands elsewhere says so. */
  shown(workspace: Workspace, conversation: Conversation, message: MessageRef): Promise<void>;
  /** Queues again what was asked and never answered. */
  resume(scope: TenantScope, conversationId: string): Promise<void>;
  /** The job: evidence, answer, and the card owed to the channel, in one transaction. */
  run(task: Task): Promise<void>;
  /** What happens when the job has failed for good: the person is told. */
  giveUp(task: Task, error: unknown): Promise<void>;
}

export function createAnalyst(parts: AnalystParts): Analyst {
  const { directory, logs, fingerprints, queue, cache, deliverer, platforms, log, now } = parts;

  return {
    async ask(workspace, question) {
      const conversation = await beginConversation(workspace, question);
      if (conversation.state !== "queued") return conversation;
      await enqueue(workspace.scope, conversation.id);
      await note(workspace.scope, conversation.id, { state: "queued" });
      return conversation;
    },

    async shown({ scope, externalId, platform: name }, conversation, message) {
      if (await rememberMessage(scope, conversation.id, message)) return;
      const platform = platforms.find((candidate) => candidate.name === name);
      if (platform === undefined) return;
      const other = await findConversation(scope, conversation.id);
      const at = other?.shownAt;
      const url =
        other === undefined || at === undefined
          ? undefined
          : await platform.addressOf({
              place: { platform: name, workspace: externalId, channel: other.channel, ...threadOf(at) },
              id: at.messageId,
            });
      const card = elsewhereCard(conversation.service, url);
      await bounded((signal) => platform.edit(message, card, signal), EDIT_TIMEOUT_MS);
    },

    resume: enqueue,

    async run(task) {
      const found = await find(task);
      if (found === undefined) return;
      const { scope, conversation } = found;
      const progress = await startProgress(parts, scope, conversation, (phase) =>
        note(scope, conversation.id, { state: "running", phase }),
      );
      const evidence = await gatherEvidence(
        {
          org: scope.lokiOrgId,
          fingerprints,
          redaction: await numberedRedactionOf(scope),
          service: conversation.service,
          namespace: conversation.namespace,
          window: conversation.window,
        },
        logs,
        keptOf(scope, conversation.namespace),
        progress.show,
      ).catch((error: unknown) => {
        // Trying again would only make the person wait longer for what they can put right.
        if (error instanceof UserError) return error;
        throw error;
      });
      await progress.settled(); // An edit still under way must not land on top of the answer.
      if (evidence instanceof UserError) return close(scope, conversation, evidence.message);
      const { clusters } = evidence;
      const pack = await behindSecondWall(evidence.pack);
      const answer = analyseBuiltin(pack);
      const linesUrl = await logs.linkTo(scope.lokiOrgId, linesBehind(pack, answer));
      const card = (shown: Pack, analysisId: string | undefined) =>
        analysisCard(shown, answer, {
          conversationId: conversation.id,
          ...(analysisId !== undefined && { analysisId }),
          ...(linesUrl !== undefined && { linesUrl }),
        });
      await scope.transaction((db) => keepAnswer(scope, db, conversation, pack, clusters, answer, card));
      deliverer.wake();
      await note(scope, task.id, { state: "done" });
    },

    async giveUp(task, err) {
      const found = await find(task);
      if (found === undefined) return;
      const { scope, conversation } = found;
      const reference = randomUUID().slice(0, 8);
      log.error({ err, reference, conversation: conversation.id }, "an analysis failed for good");
      await close(
        scope,
        conversation,
        `Something went wrong on LogHunter's side, and trying again did not help. Its log says more under reference ${reference}. Ask again in a minute.`,
      );
    },
  };

  /** Ends a search without an answer, and tells the person why. */
  async function close(scope: TenantScope, conversation: Conversation, why: string): Promise<void> {
    await scope.transaction(async (db) => {
      if (!(await claimAnswer(scope, db, conversation.id))) return;
      await closeConversation(scope, db, conversation.id, { state: "failed" });
      await owe(scope, db, conversation, failedCard(conversation.service, why));
    });
    deliverer.wake();
    await note(scope, conversation.id, { state: "failed" });
  }

  function enqueue(scope: TenantScope, conversationId: string): Promise<void> {
    return queue.add({ name: "analyze", id: conversationId, tenantId: scope.tenantId, conversationId });
  }

  /** Where the job stands, for whoever asks the cache; losing it loses nothing. */
  async function note(
    scope: TenantScope,
    jobId: string,
    status: Omit<JobStatus, "updatedAtMs">,
  ): Promise<void> {
    await writeJobStatus(cacheFor(cache, scope.tenantId), jobId, { ...status, updatedAtMs: now() });
  }

  /** The conversation of a task that still needs an answer: a job may run twice, an answer stands once. */
  async function find(task: Task): Promise<{ scope: TenantScope; conversation: Conversation } | undefined> {
    const scope = await directory.scopeOf(task.tenantId);
    const conversation = scope && (await findConversation(scope, task.conversationId));
    if (scope === undefined || conversation?.state !== "queued") return undefined;
    return { scope, conversation };
  }

  async function keepAnswer(
    scope: TenantScope,
    db: Queryable,
    conversation: Conversation,
    gathered: Pack,
    clusters: readonly Cluster[],
    answer: Answer,
    card: (pack: Pack, analysisId: string | undefined) => Card,
  ): Promise<void> {
    if (!(await claimAnswer(scope, db, conversation.id))) return;
    const known = await upsertClusters(scope, db, clusters, {
      fromMs: gathered.lookbackFromMs,
      toMs: gathered.window.toMs,
    });
    const pack = await withLikenesses(scope, db, gathered, known);
    const culprit = answer.culprit === undefined ? undefined : pack.clusters[answer.culprit];
    const cluster = culprit && rowOf(culprit, known);
    const analysisId = cluster && (await insertAnalysis(scope, db, cluster.id, answer, pack));
    await closeConversation(scope, db, conversation.id, {
      state: "answered",
      pack,
      ...(analysisId !== undefined && { analysisId }),
    });
    await owe(scope, db, conversation, card(pack, analysisId));
  }

  function owe(scope: TenantScope, db: Queryable, conversation: Conversation, card: Card): Promise<void> {
    const { id, workspaceId, channel } = conversation;
    const owed = { workspaceId, channel, conversationId: id, kind: "answer", sequence: 1, card } as const;
    return oweDelivery(scope, db, owed);
  }
}

/** What a card says that was shown too late to become the answer. */
function elsewhereCard(service: string, url: string | undefined): Card {
  return {
    title: `${service}: answered`,
    tone: "neutral",
    body: [
      { kind: "text", text: "The answer stands in another message." },
      ...(url === undefined ? [] : [{ kind: "links" as const, links: [{ label: "View it", url }] }]),
    ],
  };
}
