import { randomUUID } from "node:crypto";
import type { Deliverer } from "../alerting/deliver.ts";
import { oweDelivery } from "../alerting/deliveries.ts";
import type { Cache } from "../cache/cache.ts";
import { cacheFor } from "../cache/keys.ts";
import type { Card } from "../chat/card.ts";
import type { ChatPlatform } from "../chat/platform.ts";
import type { Cluster } from "../clusters/cluster.ts";
import { upsertClusters } from "../clusters/store.ts";
import { findDeploys } from "../deploys.ts";
import type { JobQueue, Task } from "../jobs/queue.ts";
import { writeJobStatus } from "../jobs/status.ts";
import type { Log } from "../log.ts";
import type { LogSource } from "../logs/source.ts";
import type { TenantDirectory, Workspace } from "../tenancy/directory.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Answer } from "./answer.ts";
import { analyseBuiltin } from "./builtin.ts";
import { analysisCard, failedCard, progressCard } from "./card.ts";
import {
  beginConversation,
  type Conversation,
  closeConversation,
  findConversation,
  type NewConversation,
} from "./conversations.ts";
import { gatherEvidence, type Phase } from "./evidence.ts";
import type { Pack } from "./pack.ts";
import { insertAnalysis } from "./store.ts";

export interface AnalystParts {
  directory: TenantDirectory;
  logs: LogSource;
  queue: JobQueue;
  cache: Cache;
  deliverer: Deliverer;
  platforms: readonly ChatPlatform[];
  log: Log;
  now: () => number;
}

/** Takes questions at once and answers them off the request path, through the job queue and the outbox. */
export interface Analyst {
  /** Begins a conversation and queues its analysis. @returns the conversation's id. */
  ask(workspace: Workspace, question: NewConversation): Promise<string>;
  /** Queues again what was asked and never answered. */
  resume(scope: TenantScope, conversationId: string): Promise<void>;
  /** The job: evidence, answer, and the card owed to the channel, in one transaction. */
  run(task: Task): Promise<void>;
  /** What happens when the job has failed for good: the person is told. */
  giveUp(task: Task, error: unknown): Promise<void>;
}

export function createAnalyst(parts: AnalystParts): Analyst {
  const { directory, logs, queue, cache, deliverer, platforms, log, now } = parts;

  return {
    async ask(workspace, question) {
      const conversationId = await beginConversation(workspace, question);
      await enqueue(workspace.scope, conversationId);
      return conversationId;
    },

    resume: enqueue,

    async run(task) {
      const found = await find(task);
      if (found === undefined) return;
      const { scope, conversation } = found;
      const progress = await progressOf(scope, conversation);
      const { pack, clusters } = await gatherEvidence(
        {
          org: scope.lokiOrgId,
          service: conversation.service,
          namespace: conversation.namespace,
          window: conversation.window,
        },
        logs,
        (range) => findDeploys(scope, range, conversation.namespace),
        progress.show,
      );
      const answer = analyseBuiltin(pack);
      await progress.settled(); // An edit still under way must not land on top of the answer.
      await scope.transaction((db) => keepAnswer(scope, db, conversation, pack, clusters, answer));
      deliverer.wake();
      await writeJobStatus(cacheFor(cache, scope.tenantId), task.id, { state: "done", updatedAtMs: now() });
    },

    async giveUp(task, err) {
      const found = await find(task);
      if (found === undefined) return;
      const { scope, conversation } = found;
      const reference = randomUUID().slice(0, 8);
      log.error({ err, reference, conversation: conversation.id }, "an analysis failed for good");
      await scope.transaction(async (db) => {
        await closeConversation(scope, db, conversation.id, { state: "failed" });
        await owe(scope, db, conversation, failedCard(conversation.service, reference));
      });
      deliverer.wake();
      await writeJobStatus(cacheFor(cache, scope.tenantId), task.id, { state: "failed", updatedAtMs: now() });
    },
  };

  async function enqueue(scope: TenantScope, conversationId: string): Promise<void> {
    await queue.add({ name: "analyze", id: conversationId, tenantId: scope.tenantId, conversationId });
    await writeJobStatus(cacheFor(cache, scope.tenantId), conversationId, {
      state: "queued",
      updatedAtMs: now(),
    });
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
    pack: Pack,
    clusters: readonly Cluster[],
    answer: Answer,
  ): Promise<void> {
    const known = await upsertClusters(scope, db, clusters, {
      fromMs: pack.lookbackFromMs,
      toMs: pack.window.toMs,
    });
    const culprit = answer.culprit === undefined ? undefined : pack.clusters[answer.culprit];
    const cluster = known.find(
      (row) =>
        row.fingerprint === culprit?.fingerprint &&
        row.service === culprit.service &&
        row.namespace === culprit.namespace,
    );
    const analysisId = cluster && (await insertAnalysis(scope, db, cluster.id, answer, pack));
    const refs = { conversationId: conversation.id, ...(analysisId !== undefined && { analysisId }) };
    await closeConversation(scope, db, conversation.id, {
      state: "answered",
      pack,
      ...(analysisId !== undefined && { analysisId }),
    });
    await owe(scope, db, conversation, analysisCard(pack, answer, refs));
  }

  function owe(scope: TenantScope, db: Queryable, conversation: Conversation, card: Card): Promise<void> {
    const { id, workspaceId, channel } = conversation;
    return oweDelivery(
      scope,
      db,
      { workspaceId, channel, conversationId: id, kind: "answer", sequence: 1, card },
      now(),
    );
  }

  /** Shows phases on the message while it works, as far as that goes: only the answer is owed. */
  async function progressOf(scope: TenantScope, conversation: Conversation) {
    const workspace = await directory.workspaceById(scope.tenantId, conversation.workspaceId);
    const platform = platforms.find((candidate) => candidate.name === workspace?.platform);
    const { messageId, channel, service, window } = conversation;
    let shownAtMs = Number.NEGATIVE_INFINITY;
    let lastEdit: Promise<unknown> = Promise.resolve();
    return {
      show(phase: Phase): void {
        const status = { state: "running", phase, updatedAtMs: now() } as const;
        void writeJobStatus(cacheFor(cache, scope.tenantId), conversation.id, status).catch(() => undefined);
        if (messageId === undefined || platform === undefined || workspace === undefined) return;
        if (now() - shownAtMs < PROGRESS_EVERY_MS) return;
        shownAtMs = now();
        const place = { platform: platform.name, workspace: workspace.externalId, channel };
        lastEdit = platform
          .edit({ place, id: messageId }, progressCard(service, window, phase))
          .catch(() => undefined);
      },
      settled: (): Promise<unknown> => lastEdit,
    };
  }
}

/** Platforms slow an app down that edits a message more often. */
const PROGRESS_EVERY_MS = 1_200;
