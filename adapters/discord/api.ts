import {
  DiscordAPIError,
  type RawFile,
  REST,
  RESTJSONErrorCodes,
  type RESTOptions,
  type RequestMethod,
  type RouteLike,
} from "discord.js";
import { type Failure, isDiscords, NotAsked, readFailure, TokenRejected } from "./errors.ts";
import type { Waits } from "./waits.ts";

/** Discord's REST interface, one attempt a call. */
export interface Api {
  /** @throws what `readFailure` reads. */
  call<T>(method: `${RequestMethod}`, route: RouteLike, ask?: Ask): Promise<T>;
  close(): void;
}

export interface Ask {
  body?: unknown;
  files?: RawFile[];
  query?: Record<string, string>;
  /** Interactions are answered with their own token, which stands in the route. */
  auth?: false;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

export interface ApiParts {
  token: string;
  /** Discord's own where absent. */
  apiUrl: string | undefined;
  waits: Waits;
  /** Discord has refused the bot's token: nothing is asked any more, or it bans the address for asking. */
  onTokenRejected(): void;
}

/**
 * The SDK's REST client without its own retries, which would post again what was posted and only its answer lost.
 * It knows the limits of each route from Discord's answers (https://discord.com/developers/docs/topics/rate-limits):
 * where one is used up for longer than a moment, whoever asks is told at once how long to wait.
 */
export function createApi({ token, apiUrl, waits, onTokenRejected }: ApiParts): Api {
  const rest = new REST({
    version: "10",
    ...(apiUrl !== undefined && { api: apiUrl.replace(/\/$/, "") }),
    retries: 0,
    timeout: waits.requestMs,
    // Without a time to wait the SDK would ask again at once, and again.
    rejectOnRateLimit: ({ retryAfter }) => retryAfter <= 0 || retryAfter > SHORT_WAIT_MS,
    makeRequest,
  }).setToken(token);
  let rejected = false;

  async function call<T>(method: `${RequestMethod}`, route: RouteLike, ask: Ask = {}): Promise<T> {
    if (rejected && ask.auth !== false) throw new TokenRejected();
    const { body, files, query, auth, signal, timeoutMs = waits.requestMs } = ask;
    if (signal?.aborted) throw new NotAsked();
    // The SDK's own time-out ends with the first byte of the answer. It listens to a signal without ever leaving it, and
    // Node 20 keeps those of AbortSignal.timeout and AbortSignal.any for good while somebody listens: one a request.
    const giveUp = new AbortController();
    const stop = () => giveUp.abort(signal?.reason);
    signal?.addEventListener("abort", stop);
    const timer = setTimeout(() => giveUp.abort(new DOMException("no answer", "TimeoutError")), timeoutMs);
    try {
      const answer = rest.request({
        method: method as RequestMethod,
        fullRoute: route,
        ...(body !== undefined && { body }),
        ...(files !== undefined && files.length > 0 && { files }),
        ...(query !== undefined && { query: new URLSearchParams(query) }),
        ...(auth === false && { auth }),
        signal: giveUp.signal,
      });
      // Undefined answers are those without a body.
      return (await untilAborted(answer, giveUp.signal)) as T;
    } catch (error) {
      // The SDK throws its token away for any 401.
      if (error instanceof DiscordAPIError && !isDiscords(error)) rest.setToken(token);
      if (auth !== false && isRejection(error) && !rejected) {
        rejected = true;
        onTokenRejected();
      }
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  return {
    call,
    close() {
      rest.clearHashSweeper();
      rest.clearHandlerSweeper();
    },
  };
}

/**
 * Node's own fetch. By default the SDK takes undici 6, whose requests go over whatever undici was loaded first in the
 * process: with undici 7 there (Loki's and Slack's) every message with a file fails, "action is not a function". It follows no
 * redirect: an answer to an interaction has its token in its address, and its body would go along.
 */
const makeRequest: RESTOptions["makeRequest"] = (url, init) =>
  // The two undicis' types differ in what neither of them uses here.
  fetch(url, { ...(init as unknown as RequestInit), redirect: "error" }) as unknown as ReturnType<
    RESTOptions["makeRequest"]
  >;

/** The 50 requests a second that a bot has are free again within one. */
const SHORT_WAIT_MS = 1_000;

function isRejection(error: unknown): boolean {
  return (
    error instanceof DiscordAPIError &&
    error.status === 401 &&
    isDiscords(error) &&
    error.code !== RESTJSONErrorCodes.InvalidWebhookToken
  );
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

export type Done<T> = { kind: "done"; value: T };

/** The outcome of a request, read. */
export async function tried<T>(work: () => Promise<T>): Promise<Done<T> | Failure> {
  try {
    return { kind: "done", value: await work() };
  } catch (error) {
    return readFailure(error);
  }
}
