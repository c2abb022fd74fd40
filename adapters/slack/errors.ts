import { webApi } from "@slack/bolt";
import type { Delivery, RefusalReason } from "../../src/chat/platform.ts";

/** Why a call came to nothing. `code` is Slack's own word for it, where there is one. */
export type Failure = Exclude<Delivery, { outcome: "sent" }> & { code?: string };

/** What an error of the SDK means for whoever wanted to send. Anything else is thrown on: it is a fault of ours. */
export function failureOf(error: unknown): Failure {
  if (error instanceof webApi.WebAPIRateLimitedError)
    return later(error.retryAfter * 1000, "Slack asks to wait");
  if (error instanceof webApi.WebAPIPlatformError) return ofCode(error.data);
  if (error instanceof webApi.WebAPIHTTPError) {
    return { outcome: "unknown", why: `Slack answered with HTTP status ${error.statusCode}` };
  }
  if (error instanceof webApi.WebAPIRequestError) {
    return NEVER_LEFT.test(causesOf(error.original))
      ? later(AGAIN_MS, "Slack cannot be reached")
      : { outcome: "unknown", why: "Slack did not answer in time, or the connection broke" };
  }
  // The SDK has no error of its own for a 429 that does not say how long to wait.
  if (error instanceof Error && error.message.startsWith("Retry header")) {
    return later(WAIT_UNTOLD_MS, "Slack asks to wait");
  }
  // The SDK has none either for an answer that is no object, that breaks off, or whose end does not come.
  if (UNREADABLE.has(String((error as { name?: unknown } | null)?.name))) {
    return { outcome: "unknown", why: "Slack's answer could not be read" };
  }
  throw error;
}

/** Without what only this adapter knows of the failure. */
export function deliveryOf(failure: Failure): Delivery {
  switch (failure.outcome) {
    case "later":
      return { outcome: "later", afterMs: failure.afterMs, why: failure.why };
    case "refused":
      return { outcome: "refused", reason: failure.reason, why: failure.why };
    case "unknown":
      return { outcome: "unknown", why: failure.why };
  }
}

/** Whether the workspace's token is not accepted any longer. */
export function isTokenRefused({ code }: Pick<Failure, "code">): boolean {
  return code !== undefined && REFUSALS.get(code) === "not installed";
}

export function later(afterMs: number, why: string): Failure {
  return { outcome: "later", afterMs, why };
}

export function refused(reason: RefusalReason, why: string, code?: string): Failure {
  return { outcome: "refused", reason, why, ...(code !== undefined && { code }) };
}

/** By name: those of fetch are of classes of their own. */
const UNREADABLE = new Set(["TypeError", "SyntaxError", "AbortError", "TimeoutError"]);
const AGAIN_MS = 2_000;
const WAIT_UNTOLD_MS = 30_000;
/** Nothing was sent where not even a connection came about. */
const NEVER_LEFT = /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)\b/;

function causesOf(error: unknown): string {
  const words: string[] = [];
  for (let at = error; at !== undefined && at !== null && words.length < 8; ) {
    const { message, code, cause } = at as { message?: string; code?: string; cause?: unknown };
    words.push(`${code ?? ""} ${message ?? ""}`);
    at = cause;
  }
  return words.join(" ");
}

function ofCode(data: webApi.WebAPIPlatformError["data"] & { needed?: unknown }): Failure {
  // The SDK takes whatever is not `"ok":true` for a refusal, also where Slack, or a proxy before it, names no error.
  const code = typeof data.error === "string" ? data.error : "no error by name";
  if (code === "ratelimited" || code === "rate_limited" || code === "message_limit_exceeded") {
    const seconds = data.response_metadata?.retryAfter;
    return { ...later(seconds === undefined ? WAIT_UNTOLD_MS : seconds * 1000, "Slack asks to wait"), code };
  }
  const reason = REFUSALS.get(code) ?? (code.startsWith("restricted_action") ? "not in channel" : undefined);
  if (reason !== undefined) return refused(reason, sentence(code, data), code);
  if (TEMPORARY.has(code)) return { ...later(WAIT_UNTOLD_MS, `Slack says ${code}`), code };
  // internal_error, fatal_error, an answer that is not JSON: it may stand there all the same.
  return { outcome: "unknown", why: `Slack says ${shortened(code)}`, code: shortened(code) };
}

/** Slack did not take it and will later on. */
const TEMPORARY = new Set([
  "team_added_to_org",
  "accesslimited",
  "access_limited",
  "streaming_state_conflict",
]);

/**
 * Errors that stay until somebody mends something, as listed under each method:
 * https://docs.slack.dev/reference/methods/chat.postMessage#errors, …/chat.update#errors, …/chat.postEphemeral#errors,
 * …/views.open#errors
 */
const REFUSALS: ReadonlyMap<string, RefusalReason> = new Map(
  Object.entries({
    message_not_found: "message gone",
    thread_not_found: "message gone",
    cant_update_message: "message gone",
    edit_window_closed: "message gone",
    cannot_reply_to_message: "message gone",
    channel_not_found: "channel gone",
    user_not_found: "channel gone",
    users_not_found: "channel gone",
    user_disabled: "channel gone",
    is_archived: "channel archived",
    not_in_channel: "not in channel",
    user_not_in_channel: "not in channel",
    restricted_action: "not in channel",
    missing_scope: "not permitted",
    not_allowed_token_type: "not permitted",
    no_permission: "not permitted",
    ekm_access_denied: "not permitted",
    team_access_not_granted: "not permitted",
    cannot_dm_bot: "not permitted",
    messages_tab_disabled: "not permitted",
    method_not_supported_for_channel_type: "not permitted",
    org_login_required: "not permitted",
    access_denied: "not permitted",
    account_inactive: "not installed",
    token_revoked: "not installed",
    token_expired: "not installed",
    invalid_auth: "not installed",
    not_authed: "not installed",
    app_uninstalled: "not installed",
    two_factor_setup_required: "not installed",
    invalid_blocks: "not acceptable",
    invalid_blocks_format: "not acceptable",
    invalid_attachments: "not acceptable",
    invalid_arguments: "not acceptable",
    invalid_arg_name: "not acceptable",
    invalid_form_data: "not acceptable",
    msg_too_long: "not acceptable",
    msg_blocks_too_long: "not acceptable",
    metadata_too_large: "not acceptable",
    metadata_must_be_sent_from_app: "not acceptable",
    invalid_metadata_format: "not acceptable",
    no_text: "not acceptable",
    view_too_large: "not acceptable",
  }),
);

function sentence(code: string, data: { needed?: unknown }): string {
  if (code === "missing_scope" && typeof data.needed === "string") {
    return `the scope ${shortened(data.needed)} is missing: add it to the app and install it again`;
  }
  return SENTENCES.get(code) ?? `Slack says ${shortened(code)}`;
}

/** Those of a channel have none: beside the reason, and what the core says mends it, Slack's own word is enough. */
const SENTENCES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    invalid_auth: "Slack does not accept the token",
    token_revoked: "the token was revoked: install LogHunter again",
    token_expired: "the token has expired and could not be renewed: install LogHunter again",
    account_inactive: "the app was removed from the workspace: install LogHunter again",
  }),
);

/** An answer that is no JSON comes as its code. */
function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
