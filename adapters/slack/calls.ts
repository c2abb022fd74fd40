import { webApi } from "@slack/bolt";
import { eitherSignal } from "../../src/chat/eitherSignal.ts";
import type { Account } from "./accounts.ts";
import type { IsSlacks } from "./addresses.ts";
import { type Failure, failureOf, isTokenRefused, later, refused } from "./errors.ts";

export type Called<T> = { ok: true; value: T } | ({ ok: false } & Failure);

/** Slack's Web API, each call once: who retries is decided elsewhere. */
export interface Calls {
  /**
   * @param signal aborted: the call is not made, or given up while it runs.
   * @returns what came of it. A token that Slack refused is not sent again for a while.
   */
  make<T>(
    account: Account,
    call: (client: webApi.WebClient) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<Called<T>>;
  /** Sends bytes to where Slack said, once; to nobody else. */
  upload(url: string, bytes: Uint8Array, signal?: AbortSignal): Promise<Called<undefined>>;
  /** Why the token is not used at present; undefined where it is. */
  tokenTrouble(account: Account): string | undefined;
  /** Something has changed: it may be used again. */
  tryTokenAgain(account: Account): void;
}

export function createCalls(options: webApi.WebClientOptions, isSlacks: IsSlacks, now: () => number): Calls {
  /** By account: a refused token, and when it was refused. */
  const refusedTokens = new Map<string, { failure: Failure; untilMs: number }>();
  const clients = new Map<string, webApi.WebClient>();

  function clientOf(account: Account, signal: AbortSignal | undefined): webApi.WebClient {
    const teamId = account.isOrgWide ? { teamId: account.workspace } : {};
    // The SDK takes no signal: a call that may be given up has a client whose requests do.
    if (signal !== undefined) {
      return new webApi.WebClient(account.token, { ...options, ...teamId, fetch: fetchUnless(signal) });
    }
    const key = `${account.workspace} ${account.token}`;
    const known = clients.get(key) ?? new webApi.WebClient(account.token, { ...options, ...teamId });
    clients.delete(key);
    clients.set(key, known);
    const oldest = clients.keys().next().value;
    if (clients.size > KEPT_CLIENTS && oldest !== undefined) clients.delete(oldest);
    return known;
  }

  function troubleOf(account: Account): Failure | undefined {
    const known = refusedTokens.get(account.token);
    if (known === undefined) return undefined;
    if (now() < known.untilMs) return known.failure;
    refusedTokens.delete(account.token);
    return undefined;
  }

  return {
    async make(account, call, signal) {
      if (signal?.aborted) return { ok: false, ...GIVEN_UP };
      const trouble = troubleOf(account);
      if (trouble !== undefined) return { ok: false, ...trouble };
      try {
        return { ok: true, value: await call(clientOf(account, signal)) };
      } catch (error) {
        const failure = failureOf(error);
        if (isTokenRefused(failure)) {
          refusedTokens.set(account.token, { failure, untilMs: now() + REFUSED_MS });
        }
        return { ok: false, ...failure };
      }
    },

    async upload(url, bytes, signal) {
      if (!isSlacks(url)) return { ok: false, ...NOT_SLACKS };
      if (signal?.aborted) return { ok: false, ...GIVEN_UP };
      const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
      try {
        const response = await fetch(url, {
          method: "POST",
          body: Uint8Array.from(bytes),
          headers: { "content-type": "application/octet-stream" },
          redirect: "error",
          signal: signal === undefined ? timeout : eitherSignal(signal, timeout),
        });
        await response.body?.cancel();
        if (response.ok) return { ok: true, value: undefined };
        return { ok: false, outcome: "unknown", why: `the upload was answered ${response.status}` };
      } catch {
        return { ok: false, outcome: "unknown", why: "the upload was not answered" };
      }
    },

    tokenTrouble: (account) => troubleOf(account)?.why,
    tryTokenAgain: (account) => refusedTokens.delete(account.token),
  };
}

/**
 * How every client of the SDK is made. By itself it would retry ten times over half an hour and wait for an answer
 * forever (https://github.com/slackapi/node-slack-sdk, `packages/web-api/src/WebClient.ts`), so that a post whose
 * answer was lost would stand there twice.
 */
export function clientOptions(
  { apiUrl, callTimeoutMs = CALL_TIMEOUT_MS }: { apiUrl?: string; callTimeoutMs?: number },
  logger: webApi.Logger,
): webApi.WebClientOptions {
  return {
    timeout: callTimeoutMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger,
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl.endsWith("/") ? apiUrl : `${apiUrl}/` }),
  };
}

export const CALL_TIMEOUT_MS = 10_000;
/** Somebody may install the app again with the same token, or Slack have been wrong. */
const REFUSED_MS = 5 * 60_000;
const KEPT_CLIENTS = 100;

const NOT_SLACKS = refused("not acceptable", "the address for the upload is none of Slack's");
const GIVEN_UP = later(0, "nobody waits for it any longer");

function fetchUnless(signal: AbortSignal): NonNullable<webApi.WebClientOptions["fetch"]> {
  return (url, init) =>
    fetch(url as string, {
      ...(init as RequestInit),
      signal: init?.signal ? eitherSignal(signal, init.signal as AbortSignal) : signal,
    });
}
