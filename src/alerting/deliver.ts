import { findConversation, rememberMessage } from "../analysis/conversations.ts";
import type { ChatPlatform, Delivery, Place } from "../chat/platform.ts";
import { isDatabaseDown } from "../database.ts";
import type { Log } from "../log.ts";
import type { TenantDirectory, Workspace } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { claimDeliveries, type OwedDelivery, type Settlement, settleDelivery } from "./deliveries.ts";

export interface DelivererParts {
  directory: TenantDirectory;
  platforms: readonly ChatPlatform[];
  log: Log;
  now: () => number;
  /** A uuid of this process, for the leases it holds. */
  owner: string;
}

export interface Deliverer {
  /** Something may be due now. */
  wake(): void;
  /** Finishes what is being sent. */
  stop(): Promise<void>;
}

/** A post that has not answered by then counts as unknown. */
const POST_TIMEOUT_MS = 20_000;
const LEASE_MS = 30_000;
const POLL_MS = 1_000;
const BATCH = 20;
/** How long an answer waits for the message it replaces to be shown before it is posted as a new one. */
const SHOWN_WITHIN_MS = 10_000;
const MAX_BACKOFF_MS = 5 * 60_000;

/** Sends what is owed, from whatever process owes it: a row is claimed, sent, and settled by what came of it. */
export function startDeliverer({ directory, platforms, log, now, owner }: DelivererParts): Deliverer {
  let stopped = false;
  let sleeper: { timer: NodeJS.Timeout; resolve: () => void } | undefined;
  let awake = false;

  const running = (async () => {
    while (!stopped) {
      awake = false;
      await sendDue().catch((err: unknown) => {
        if (!isDatabaseDown(err)) log.error({ err }, "could not send what is owed");
      });
      if (!awake && !stopped) await sleep();
    }
  })();

  return {
    wake() {
      awake = true;
      sleeper?.resolve();
    },
    async stop() {
      stopped = true;
      sleeper?.resolve();
      await running;
    },
  };

  function sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      sleeper = {
        timer,
        resolve() {
          clearTimeout(timer);
          resolve();
        },
      };
    });
  }

  async function sendDue(): Promise<void> {
    for (const scope of await directory.tenantsWithDueDeliveries(now(), 50)) {
      const lease = { owner, nowMs: now(), forMs: LEASE_MS };
      for (const owed of await claimDeliveries(scope, lease, BATCH)) {
        if (stopped) return; // The lease runs out and somebody else sends it.
        const settled = await send(scope, owed);
        await scope.transaction((db) => settleDelivery(scope, db, owed.id, owner, settled));
        if (settled.state === "refused")
          log.warn({ delivery: owed.id, why: settled.why }, "delivery refused");
      }
    }
  }

  async function send(scope: TenantScope, owed: OwedDelivery): Promise<Settlement> {
    const workspace = await directory.workspaceById(scope.tenantId, owed.workspaceId);
    if (workspace === undefined) return { state: "refused", why: "the workspace is no longer this tenant's" };
    const platform = platforms.find((candidate) => candidate.name === workspace.platform);
    if (platform === undefined) return later(now(), 60_000, `${workspace.platform} is not running`);

    const result = await sendTo(platform, workspace, owed);
    if (result === "not shown yet") return later(now(), 500, "its message is not shown yet");
    if (result.outcome === "sent") {
      if (owed.conversationId !== undefined && owed.kind === "answer") {
        await rememberMessage(scope, owed.conversationId, result.message.id);
      }
      return { state: "sent", messageId: result.message.id };
    }
    if (result.outcome === "refused") return { state: "refused", why: result.why };
    const waitMs = result.outcome === "later" ? result.afterMs : backoffMs(owed.attempts);
    return later(now(), waitMs, result.why);
  }

  async function sendTo(
    platform: ChatPlatform,
    workspace: Workspace,
    owed: OwedDelivery,
  ): Promise<Delivery | "not shown yet"> {
    const place: Place = {
      platform: workspace.platform,
      workspace: workspace.externalId,
      channel: owed.channel,
      ...(owed.thread !== undefined && { thread: owed.thread }),
    };
    if (owed.conversationId !== undefined && owed.kind === "answer") {
      const conversation = await findConversation(workspace.scope, owed.conversationId);
      if (conversation?.messageId !== undefined) {
        const edited = await bounded(platform.edit({ place, id: conversation.messageId }, owed.card));
        if (edited.outcome !== "refused") return edited;
        // Somebody deleted it: the answer is still owed, so it is posted anew.
      } else if (conversation !== undefined && now() - conversation.createdAtMs < SHOWN_WITHIN_MS) {
        return "not shown yet";
      }
    }
    return bounded(platform.post(place, owed.card, owed.id));
  }
}

/** Never throws and never takes longer than the hard time-out. */
async function bounded(sending: Promise<Delivery>): Promise<Delivery> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Delivery>((resolve) => {
    timer = setTimeout(() => resolve({ outcome: "unknown", why: "no answer in time" }), POST_TIMEOUT_MS);
  });
  try {
    return await Promise.race([sending, timeout]);
  } catch (cause) {
    return { outcome: "unknown", why: cause instanceof Error ? cause.message : "failed" };
  } finally {
    clearTimeout(timer);
  }
}

function later(nowMs: number, waitMs: number, why: string): Settlement {
  return { state: "pending", nextAttemptMs: nowMs + waitMs, why };
}

function backoffMs(attempts: number): number {
  return Math.min(MAX_BACKOFF_MS, 1_000 * 2 ** Math.min(attempts, 10));
}
