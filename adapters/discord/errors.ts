import { RESTJSONErrorCodes as Code, DiscordAPIError, HTTPError, RateLimitError } from "discord.js";
import type { Delivery, RefusalReason } from "../../src/chat/platform.ts";

/** What came of a request that did not succeed. */
export type Failure = { why: string } & (
  | { kind: "later"; afterMs: number }
  /** Never left this machine. */
  | { kind: "not sent" }
  /** It may have been done. */
  | { kind: "unknown" }
  | { kind: "refused"; reason: RefusalReason; code: number | undefined }
  /** The interaction can be answered no longer, or its answer is gone. */
  | { kind: "too late" }
  /** Somebody has answered the interaction already; perhaps a request of ours whose answer was lost. */
  | { kind: "acknowledged" }
  /** The thread sleeps: it can be woken. */
  | { kind: "archived" }
  | { kind: "thread exists" }
  /** Nobody knows the bot's token any longer. */
  | { kind: "no token" }
);

/**
 * Discord's codes as what they mean here:
 * https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
 */
export function readFailure(error: unknown): Failure {
  if (error instanceof TokenRejected) return { kind: "no token", why: TOKEN_REJECTED };
  if (error instanceof NotAsked) return { kind: "not sent", why: "nobody waits for it any longer" };
  if (error instanceof RateLimitError) {
    const afterMs = error.retryAfter > 0 ? error.retryAfter : SLOW_MS;
    return { kind: "later", afterMs, why: "Discord asks to wait" };
  }
  if (error instanceof DiscordAPIError) {
    if (isDiscords(error)) return ofCode(Number(error.code), error.status, error.message);
    const why = `something between LogHunter and Discord answered ${error.status}`;
    // It waited no longer, and does not say for what.
    if (error.status === 408) return { kind: "unknown", why };
    return { kind: "later", afterMs: SHUT_OUT_MS, why };
  }
  if (error instanceof HTTPError) return { kind: "unknown", why: `Discord answered ${error.status}` };
  const code = codeOf(error);
  if (code !== undefined && NOT_CONNECTED.has(code)) {
    return { kind: "not sent", why: `Discord cannot be reached (${code})` };
  }
  const { name } = (error ?? {}) as { name?: unknown };
  if (name === "AbortError" || name === "TimeoutError") return { kind: "unknown", why: "no answer in time" };
  return {
    kind: "unknown",
    why: `the connection to Discord failed${code === undefined ? "" : ` (${code})`}`,
  };
}

/**
 * Whether Discord itself refuses. What has none of its codes is of a proxy, or of what guards Discord when it has banned
 * an address, and says nothing of tokens, channels or permissions.
 */
export function isDiscords({ code }: DiscordAPIError): boolean {
  return Number.isFinite(Number(code));
}

function ofCode(code: number, status: number, message: string): Failure {
  const refused = (reason: RefusalReason, why: string): Failure => ({ kind: "refused", reason, why, code });
  switch (code) {
    case Code.UnknownMessage:
      return refused("message gone", "the message is gone");
    case Code.UnknownChannel:
      return refused("channel gone", "the channel is gone, or hidden from LogHunter");
    case Code.UnknownMember:
    case Code.UnknownUser:
      return refused("not permitted", "this person is not a member of the server");
    case Code.UnknownGuild:
      return refused("not installed", "LogHunter is not in this server");
    case Code.UnknownInteraction:
    case Code.UnknownWebhook:
    case Code.InvalidWebhookToken:
      return { kind: "too late", why: "the interaction can be answered no longer" };
    case Code.InteractionHasAlreadyBeenAcknowledged:
      return { kind: "acknowledged", why: "the interaction was answered already" };
    case Code.MissingAccess:
      return refused("not permitted", "LogHunter may not see this channel: give it View Channel there");
    case Code.MissingPermissions:
      return refused("not permitted", "LogHunter lacks a permission in this channel");
    case Code.CannotSendMessagesToThisUser:
      return refused("not permitted", "this person takes no direct messages from this server's members");
    case Code.InvalidActionOnArchivedThread:
      return { kind: "archived", why: "the thread is archived" };
    case Code.ThreadLocked:
      return refused("channel archived", "the thread is locked");
    case Code.ThreadAlreadyCreatedForMessage:
      return { kind: "thread exists", why: "the thread is there already" };
    case Code.MaximumNumberOfEditsToMessagesOlderThanOneHourReached:
      return {
        kind: "later",
        afterMs: OLD_EDITS_MS,
        why: "Discord takes few edits of messages older than an hour",
      };
    case Code.ChannelSendRateLimit:
    case Code.AnnouncementEditLimitExceeded:
    case Code.ActionCannotBePerformedDueToSlowmodeRateLimit:
      return { kind: "later", afterMs: SLOW_MS, why: "the channel takes messages slowly" };
    case Code.InvalidFormBodyOrContentType:
    case Code.CannotSendAnEmptyMessage:
    case Code.RequestEntityTooLarge:
    case Code.MessageWasBlockedByAutomaticModeration:
      return refused("not acceptable", `Discord does not accept the message: ${message.split("\n")[0]}`);
  }
  if (status === 401) return { kind: "no token", why: TOKEN_REJECTED };
  if (status === 403) return refused("not permitted", "LogHunter may not do this here");
  if (status === 404) return refused("channel gone", "the channel is gone, or hidden from LogHunter");
  if (status === 429) return { kind: "later", afterMs: SLOW_MS, why: "Discord asks to wait" };
  return refused("not acceptable", `Discord refuses it (${code})`);
}

/** What stands for a request that is not even made in a server that LogHunter is not in. */
export const NOT_IN_SERVER: Failure = {
  kind: "refused",
  reason: "not installed",
  why: "LogHunter is not in this server: invite it with the link in docs/discord.md",
  code: undefined,
};

/** Given up before it was begun. */
export class NotAsked extends Error {
  override readonly name = "NotAsked";
}

/** What every request ends in after the first that Discord refused for its token. */
export class TokenRejected extends Error {
  override readonly name = "TokenRejected";
}

export const TOKEN_REJECTED =
  "Discord does not accept the bot's token: set DISCORD_TOKEN to the one its developer portal shows, and restart.";

const SLOW_MS = 5_000;
const OLD_EDITS_MS = 60_000;
const SHUT_OUT_MS = 60_000;
const UNREACHED_MS = 5_000;

/** No connection was made, so nothing can have arrived. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Of an error of the system's, wherever it was made. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === "string") return code;
  return cause === undefined ? undefined : codeOf(cause);
}

/** The outcome of a post or an edit that failed. */
export function deliveryOf(failure: Failure): Exclude<Delivery, { outcome: "sent" }> {
  const { why } = failure;
  switch (failure.kind) {
    case "later":
      return { outcome: "later", afterMs: Math.ceil(failure.afterMs), why };
    case "not sent":
      return { outcome: "later", afterMs: UNREACHED_MS, why };
    case "unknown":
      return { outcome: "unknown", why };
    case "refused":
      return { outcome: "refused", reason: failure.reason, why };
    case "archived":
      return { outcome: "refused", reason: "channel archived", why };
    case "no token":
      return { outcome: "refused", reason: "not installed", why };
    case "too late":
    case "acknowledged":
    case "thread exists":
      return { outcome: "refused", reason: "message gone", why };
  }
}
