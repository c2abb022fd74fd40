import { findConversation, rememberMessage } from "../analysis/conversations.ts";
import { bounded } from "../chat/bounded.ts";
import { answerIdOf, type ChatPlatform, type Delivery, type Place } from "../chat/platform.ts";
import type { ShownAt } from "../chat/shownAt.ts";
import { isDatabaseDown } from "../database.ts";
import type { Faults } from "../faultPoints.ts";
import type { Log } from "../log.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { afterRefusal } from "./afterRefusal.ts";
import { alertShown } from "./alertDeliveries.ts";
import { claimDeliveries, type OwedDelivery, type Settlement, settleDelivery } from "./deliveries.ts";
import { clearTrouble } from "./troubles.ts";

export interface DelivererParts {
  directory: TenantDirectory;
  platforms: readonly ChatPlatform[];
  log: Log;
  now: () => number;
  /** A uuid of this process, for the leases it holds. */
  owner: string;
  /** For everything one delivery asks of its platform; what has not answered by then counts as unknown. */
  sendTimeoutMs?: number;
  /** How long an episode's message stands before it is edited again. */
  editsApartMs?: number;
  /** Longer than `sendTimeoutMs`, so that nobody else sends while this one may still arrive. */
  leaseMs?: number;
  faults?: Faults;
}

export interface Deliverer {
  /** Something may be due now. */
  wake(): void;
  /** Finishes what is being sent. */
  stop(): Promise<void>;
}

const SEND_TIMEOUT_MS = 20_000;
/** Platforms slow an app down that edits more often, and nobody reads faster. */
const EDITS_APART_MS = 5_000;
const LEASE_MS = 30_000;
const POLL_MS = 1_000;
/** Tenants served at once, beside those that wait for a slow platform. */
const TENANTS = 50;
/** However little a platform asks for. */
const MIN_WAIT_MS = 250;
/** How long an answer waits for the message it replaces to be shown before it is posted as a new one. */
const SHOWN_WITHIN_MS = 10_000;
const MAX_BACKOFF_MS = 5 * 60_000;

/** Sends what is owed, from whatever process owes it: a row is claimed, sent, and settled by what came of it. */
export function startDeliverer({
  directory,
  platforms,
  log,
  now,
  owner,
  sendTimeoutMs = SEND_TIMEOUT_MS,
  editsApartMs = EDITS_APART_MS,
  leaseMs = LEASE_MS,
  faults,
}: DelivererParts): Deliverer {
  /** By tenant, so that one whose platform does not answer holds up nobody else. */
  const sending = new Map<string, Promise<void>>();
  let stopped = false;
  let sleeper: { timer: NodeJS.Timeout; resolve: () => void } | undefined;
  let awake = false;

  const running = (async () => {
    while (!stopped) {
      awake = false;
      await startSending().catch(report);
      if (!awake && !stopped) await sleep();
    }
    await Promise.all(sending.values());
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

  function report(err: unknown): void {
    if (!isDatabaseDown(err)) log.error({ err }, "could not send what is owed");
  }

  async function startSending(): Promise<void> {
    for (const scope of await directory.tenantsWithDueDeliveries(now(), TENANTS + sending.size)) {
      if (stopped) return;
      if (sending.has(scope.tenantId)) continue;
      const sent = sendDue(scope)
        .catch(report)
        .finally(() => sending.delete(scope.tenantId));
      sending.set(scope.tenantId, sent);
    }
  }

  /** Claims one at a time: a lease begins when its sending does, and ends after it. */
  async function sendDue(scope: TenantScope): Promise<void> {
    while (!stopped) {
      const [owed] = await claimDeliveries(scope, { owner, nowMs: now(), forMs: leaseMs }, 1);
      if (owed === undefined) return;
      await faults?.("delivery: claimed");
      const settled = await send(scope, owed);
      await faults?.("delivery: before settling");
      await scope.transaction(async (db) => {
        await settleDelivery(scope, db, owed.id, owner, settled);
        await faults?.("delivery: before commit");
      });
      await faults?.("delivery: settled");
    }
  }

  async function send(scope: TenantScope, owed: OwedDelivery): Promise<Settlement> {
    const workspace = await directory.workspaceById(scope.tenantId, owed.workspaceId);
    if (workspace === undefined) return { state: "refused", why: "the workspace is no longer this tenant's" };
    const platform = platforms.find((candidate) => candidate.name === workspace.platform);
    if (platform === undefined) return notTried(60_000, `${workspace.platform} is not running`);

    const conversation =
      owed.kind === "answer" && owed.conversationId !== undefined
        ? await findConversation(scope, owed.conversationId)
        : undefined;
    const alert = owed.anomalyEventId === undefined ? undefined : await alertShown(scope, owed);
    if (alert?.isWaiting) return notTried(500, "an earlier state of it is not sent yet");
    const stoodMs = Math.max(0, alert?.forMs ?? editsApartMs);
    if (stoodMs < editsApartMs) return notTried(editsApartMs - stoodMs, "its last state is shown just now");
    if (alert !== undefined && alert.messageId === undefined && owed.sequence > 0)
      return { state: "refused", why: "its first message was refused" };
    const shown = alert?.messageId === undefined ? conversation?.shownAt : { messageId: alert.messageId };
    if (
      conversation !== undefined &&
      shown === undefined &&
      now() - conversation.createdAtMs < SHOWN_WITHIN_MS
    ) {
      return notTried(500, "its message is not shown yet");
    }
    // The message may have been shown elsewhere than it was asked for: where the bot was let in.
    const channel = conversation?.channel ?? owed.channel;
    const place: Place = {
      platform: workspace.platform,
      workspace: workspace.externalId,
      channel,
      ...(conversation?.thread !== undefined && { thread: conversation.thread }),
    };
    const result =
      conversation !== undefined && shown === undefined
        ? await postAnswer(platform, place, owed, conversation.onceId)
        : await editOrPost(platform, place, owed, shown);
    switch (result.outcome) {
      case "sent":
        if (conversation !== undefined && result.message.id !== shown?.messageId) {
          await rememberMessage(scope, conversation.id, result.message, shown?.messageId);
        }
        await clearTrouble(scope, workspace.id, channel);
        return { state: "sent", messageId: result.message.id };
      case "refused":
        log.warn({ delivery: owed.id, reason: result.reason, why: result.why }, "delivery refused");
        await afterRefusal(
          { log, sendTimeoutMs },
          { workspace, platform, owed, channel, conversation, refusal: result },
        );
        return { state: "refused", why: `${result.reason}: ${result.why}` };
      case "later":
        return later(result.afterMs, result.why);
      case "unknown":
        return later(backoffMs(owed.attempts), result.why);
    }
  }

  /** Nobody noted where the question is shown: its process may have died between showing it and saying so. */
  function postAnswer(
    platform: ChatPlatform,
    place: Place,
    { card }: OwedDelivery,
    actId: string,
  ): Promise<Delivery> {
    const sending = { deliveryId: answerIdOf(actId), maybeSent: true };
    return bounded((signal) => platform.post(place, card, { ...sending, signal }), sendTimeoutMs);
  }

  /** @param shown the message that the delivery changes, where one stands. */
  async function editOrPost(
    platform: ChatPlatform,
    place: Place,
    owed: OwedDelivery,
    shown: ShownAt | undefined,
  ): Promise<Delivery> {
    const deadlineMs = now() + sendTimeoutMs;
    if (shown !== undefined) {
      const message = { place, id: shown.messageId };
      await faults?.("delivery: before an edit");
      const edited = await bounded((signal) => platform.edit(message, owed.card, signal), sendTimeoutMs);
      await faults?.("delivery: after an edit");
      if (edited.outcome !== "refused" || edited.reason !== "message gone") return edited;
      // Somebody deleted it: the answer is still owed, so it is posted anew.
    }
    // A claim counts as an attempt, so the first one has begun none before it.
    const maybeSent = owed.attempts > 1;
    await faults?.("delivery: before a post");
    const posted = await bounded(
      (signal) => platform.post(place, owed.card, { deliveryId: owed.id, maybeSent, signal }),
      deadlineMs - now(),
    );
    await faults?.("delivery: after a post");
    return posted;
  }

  function later(waitMs: number, why: string): Settlement {
    return {
      state: "pending",
      nextAttemptMs: now() + Math.max(MIN_WAIT_MS, waitMs),
      why,
      tried: true,
    };
  }

  function notTried(waitMs: number, why: string): Settlement {
    return { state: "pending", nextAttemptMs: now() + waitMs, why, tried: false };
  }
}

function backoffMs(attempts: number): number {
  return Math.min(MAX_BACKOFF_MS, 1_000 * 2 ** Math.min(attempts, 10));
}
