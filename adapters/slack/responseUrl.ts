import type { IsSlacks } from "./addresses.ts";
import type { Called } from "./calls.ts";
import { later, refused } from "./errors.ts";
import { RESPONSE_URL_MS, RESPONSE_URL_TIMEOUT_MS, RESPONSE_URL_USES } from "./limits.ts";
import type { Message } from "./posting.ts";

/** Where an act can be answered without a token, a few times: only its person sees it, also where the bot is not. */
export interface ResponseUrl {
  /** @param how "replace": in the place of the message that was pressed. */
  send(message: Message, how: "new" | "replace", thread?: string): Promise<Called<undefined>>;
}

/** https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
export function createResponseUrl(url: string, now: () => number, isSlacks: IsSlacks): ResponseUrl {
  const untilMs = now() + RESPONSE_URL_MS;
  let usesLeft = RESPONSE_URL_USES;

  return {
    async send({ text, blocks }, how, thread) {
      if (!isSlacks(url)) return { ok: false, ...NOT_SLACKS };
      if (usesLeft === 0 || now() >= untilMs) return { ok: false, ...SPENT };
      usesLeft--;
      const body = {
        response_type: "ephemeral",
        replace_original: how === "replace",
        text,
        blocks,
        mrkdwn: false,
        link_names: false,
        parse: "none",
        unfurl_links: false,
        unfurl_media: false,
        ...(thread !== undefined && { thread_ts: thread }),
      };
      try {
        const response = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json; charset=utf-8" },
          body: JSON.stringify(body),
          redirect: "error",
          signal: AbortSignal.timeout(RESPONSE_URL_TIMEOUT_MS),
        });
        return await called(response);
      } catch {
        return { ok: false, outcome: "unknown", why: "the response_url did not answer" };
      }
    },
  };
}

const NOT_SLACKS = refused("message gone", "the response_url is none of Slack's addresses");
const SPENT = refused("message gone", "the response_url is used up");

/** What Slack says it has not done, also with status 200. */
const REFUSALS = /^(?:invalid_|no_|used_url|expired_url)/;

async function called(response: Response): Promise<Called<undefined>> {
  const text = await startOf(response).catch(() => "");
  // {"ok":false,"error":"invalid_blocks"}, or a bare word: used_url, expired_url, no_service.
  const code = /"error"\s*:\s*"(\w+)"/.exec(text)?.[1] ?? text.trim();
  const isTaken = response.ok && !/"ok"\s*:\s*false/.test(text);
  if (isTaken) return { ok: true, value: undefined };
  if (response.status === 429) {
    const seconds = Number(response.headers.get("retry-after"));
    return {
      ok: false,
      ...later(Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 5_000, "Slack asks to wait"),
    };
  }
  // 408 is of a proxy that waited no longer. Of a failure of Slack's own, told with status 200, nobody knows how far it came.
  const isUnsure = response.status >= 500 || response.status === 408;
  if (isUnsure || (response.ok && !REFUSALS.test(code)))
    return { ok: false, outcome: "unknown", why: `HTTP status ${response.status}` };
  if (code.startsWith("invalid_"))
    return { ok: false, ...refused("not acceptable", `Slack says ${code}`, code) };
  return { ok: false, ...SPENT };
}

/** As much of an answer as says what it is. */
async function startOf({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    pieces.push(piece);
    bytes += piece.byteLength;
    if (bytes > MOST_BYTES) break;
  }
  return Buffer.concat(pieces).toString("utf8");
}

const MOST_BYTES = 64 * 1024;
