import { findConversation, rememberMessage } from "../analysis/conversations.ts";
import { findTurnByNumber, rememberTurnMessage } from "../analysis/turns.ts";
import { bounded } from "../chat/bounded.ts";
import type { Card } from "../chat/card.ts";
import { answerIdOf, type ChatPlatform, type Delivery, type Place } from "../chat/platform.ts";
import { platformTitle } from "../chat/platformTitle.ts";
import type { Faults } from "../faultPoints.ts";
import type { Log } from "../log.ts";
import type { Traces } from "../telemetry/traces.ts";
import type { TenantDirectory, Workspace } from "../tenancy/directory.ts";
import { LONGEST_WAIT_MS } from "../tenancy/dueTimes.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { afterRefusal } from "./afterRefusal.ts";
import { stateShown } from "./alertDeliveries.ts";
import type { Settlement } from "./claims.ts";
import type { OwedDelivery } from "./deliveries.ts";
import { withoutMentions } from "./mentions.ts";
import { clearTrouble } from "./troubles.ts";

export interface SenderParts {
  directory: TenantDirectory;
  platforms: readonly ChatPlatform[];
  log: Log;
  /** For everything one delivery asks of its platform; what has not answered by then counts as unknown. */
  sendTimeoutMs: number;
  /** The same for what people are told of a refusal. */
  tellTimeoutMs: number;
  faults: Faults | undefined;
  traces: Traces;
}

/** Sends what was claimed. @returns what came of it */
export type Send = (scope: TenantScope, owed: OwedDelivery) => Promise<Settlement>;

/** However little a platform asks for. */
const MIN_WAIT_MS = 250;
/** How long an answer waits for the message it replaces to be shown before it is posted as a new one. */
const SHOWN_WITHIN_MS = 10_000;
const MAX_BACKOFF_MS = 5 * 60_000;
/** A message that somebody deletes is posted anew once: who deletes it again does not want it. */
const MOST_POSTS = 2;

/** Where a delivery goes: to a message that stands, under it, or as a new one. */
type Target =
  | { goes: "over"; messageId: string; posts: number }
  | { goes: "new"; thread?: string }
  | { goes: "nowhere"; settled: Settlement };

export function createSend(parts: SenderParts): Send {
  const { directory, platforms, log, sendTimeoutMs, tellTimeoutMs, faults, traces } = parts;
  return async (scope, owed) => {
    const workspace = await directory.workspaceById(scope.tenantId, owed.workspaceId);
    if (workspace === undefined) return { state: "refused", why: "the workspace is no longer this tenant's" };
    const platform = platforms.find((candidate) => candidate.name === workspace.platform);
    if (platform === undefined)
      return notTried(60_000, `${platformTitle(workspace.platform)} is not running`);
    return owed.conversationId === undefined
      ? await sendToChannel(scope, workspace, platform, owed)
      : await sendAnswer(scope, workspace, platform, owed, owed.conversationId);
  };

  /** An alert, what is said under it, or a notice. */
  async function sendToChannel(
    scope: TenantScope,
    workspace: Workspace,
    platform: ChatPlatform,
    owed: OwedDelivery,
  ): Promise<Settlement> {
    const target = await targetOf(scope, owed);
    if (target.goes === "nowhere") return target.settled;
    const { channel } = owed;
    const place = placeOf(workspace, channel, target.goes === "new" ? target.thread : undefined);
    const result =
      target.goes === "new"
        ? await post(platform, place, isEdit(owed) ? { ...owed, card: withoutMentions(owed.card) } : owed)
        : await editOrPost(platform, place, owed, target.messageId, target.posts < MOST_POSTS);
    return settle(result, { scope, workspace, platform, owed, channel });
  }

  async function targetOf(scope: TenantScope, owed: OwedDelivery): Promise<Target> {
    if (owed.anomalyEventId === undefined && owed.notice === undefined) return { goes: "new" };
    const { messageId, posts, isOwed } = await stateShown(scope, owed);
    if (owed.kind !== "escalation")
      return messageId === undefined ? { goes: "new" } : { goes: "over", messageId, posts };
    if (messageId !== undefined) return { goes: "new", thread: messageId };
    const settled: Settlement = isOwed
      ? notTried(1_000, "the message it belongs under is not sent yet")
      : { state: "refused", why: "the message it belongs under was refused" };
    return { goes: "nowhere", settled };
  }

  async function sendAnswer(
    scope: TenantScope,
    workspace: Workspace,
    platform: ChatPlatform,
    owed: OwedDelivery,
    conversationId: string,
  ): Promise<Settlement> {
    const conversation = await findConversation(scope, conversationId);
    const question =
      owed.kind === "reply" ? await findTurnByNumber(scope, conversationId, owed.sequence) : conversation;
    if (conversation === undefined || question === undefined) {
      // Nobody knows any more what it answers: better said to the channel than not at all.
      const said = await post(platform, placeOf(workspace, owed.channel, undefined), owed);
      return settle(said, { scope, workspace, platform, owed, channel: owed.channel });
    }
    const shown = question.shownAt;
    if (shown === undefined && mayBeShownYet(owed.claimedAtMs - question.createdAtMs))
      return notTried(500, "its message is not shown yet");
    // The message may have been shown elsewhere than it was asked for: where the bot was let in.
    const { channel } = conversation.at ?? owed;
    const thread =
      owed.kind === "reply"
        ? (shown?.threadId ?? conversation.thread ?? conversation.shownAt?.messageId)
        : conversation.thread;
    const place = placeOf(workspace, channel, thread);
    const result = await traces.below(question.onceId, () =>
      shown !== undefined
        ? editOrPost(platform, place, owed, shown.messageId, true)
        : postAnswer(platform, place, owed, question.onceId),
    );
    if (result.outcome === "sent" && result.message.id !== shown?.messageId) {
      const remember = owed.kind === "reply" ? rememberTurnMessage : rememberMessage;
      await remember(scope, question.id, result.message, shown?.messageId);
    }
    const askedBy = "personId" in question ? question.personId : question.askedBy;
    return settle(result, { scope, workspace, platform, owed, channel, askedBy });
  }

  async function settle(
    result: Delivery,
    about: {
      scope: TenantScope;
      workspace: Workspace;
      platform: ChatPlatform;
      owed: OwedDelivery;
      channel: string;
      askedBy?: string;
    },
  ): Promise<Settlement> {
    const { scope, workspace, owed, channel } = about;
    switch (result.outcome) {
      case "sent":
        await clearTrouble(scope, workspace.id, channel);
        return { state: "sent", messageId: result.message.id };
      case "refused":
        log.warn({ delivery: owed.id, reason: result.reason, why: result.why }, "delivery refused");
        await afterRefusal({ log, tellTimeoutMs }, { ...about, refusal: result });
        return { state: "refused", reason: result.reason, why: `${result.reason}: ${result.why}` };
      case "later":
        return { ...later(result.afterMs, result.why), channelAfterMs: waitOf(result.afterMs) };
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

  /** @param mayPost whether it is posted anew where somebody has deleted the message */
  async function editOrPost(
    platform: ChatPlatform,
    place: Place,
    owed: OwedDelivery,
    messageId: string,
    mayPost: boolean,
  ): Promise<Delivery> {
    const deadlineMs = performance.now() + sendTimeoutMs;
    await faults?.("delivery: before an edit");
    const edited = await bounded(
      (signal) => platform.edit({ place, id: messageId }, owed.card, signal),
      sendTimeoutMs,
    );
    await faults?.("delivery: after an edit");
    const isGone = edited.outcome === "refused" && edited.reason === "message gone";
    if (!isGone || !mayPost) return edited;
    // Whom it mentioned when it was first posted is not called again.
    const card = withoutMentions(owed.card);
    return post(platform, place, { ...owed, card }, deadlineMs - performance.now());
  }

  async function post(
    platform: ChatPlatform,
    place: Place,
    { id, card, attempts }: { id: string; card: Card; attempts: number },
    withinMs = sendTimeoutMs,
  ): Promise<Delivery> {
    // A claim counts as an attempt, so the first one has begun none before it.
    const sending = { deliveryId: id, maybeSent: attempts > 1 };
    await faults?.("delivery: before a post");
    const posted = await bounded((signal) => platform.post(place, card, { ...sending, signal }), withinMs);
    await faults?.("delivery: after a post");
    return posted;
  }
}

/** One whose message does not stand, since its first state was refused, is posted, and calls nobody: it may be over by now. */
function isEdit({ kind, sequence }: OwedDelivery): boolean {
  return kind === "alert" && sequence > 0;
}

function placeOf({ platform, externalId }: Workspace, channel: string, thread: string | undefined): Place {
  return { platform, workspace: externalId, channel, ...(thread !== undefined && { thread }) };
}

/** A question that is yet to come was asked before a clock was put back. */
function mayBeShownYet(agoMs: number): boolean {
  return Math.abs(agoMs) < SHOWN_WITHIN_MS;
}

function later(waitMs: number, why: string) {
  return { state: "pending", afterMs: waitOf(waitMs), why, tried: true } as const;
}

function notTried(afterMs: number, why: string): Settlement {
  return { state: "pending", afterMs, why, tried: false };
}

function waitOf(waitMs: number): number {
  return Math.min(Math.max(MIN_WAIT_MS, waitMs), LONGEST_WAIT_MS);
}

function backoffMs(attempts: number): number {
  return Math.min(MAX_BACKOFF_MS, 1_000 * 2 ** Math.min(attempts, 10));
}
