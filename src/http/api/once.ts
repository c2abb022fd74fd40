import { createHash } from "node:crypto";
import type { Guards } from "./addRoute.ts";
import { answer } from "./answer.ts";
import { noted } from "./noted.ts";
import { problem, problemOf } from "./problem.ts";
import { beginRequest, endRequest, leaveRequest } from "./requests.ts";

const SHOWN_ONCE = problemOf(
  "conflict",
  "This was done when it was sent first, and what was answered then is shown once. Rotate the key again for another one.",
);
const HEADER = "idempotency-key";

/**
 * Does a POST once whose Idempotency-Key was sent before, and answers it the same.
 * Of https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header
 */
export function doneOnce(now: () => number): Guards["once"] {
  return (locationOf) => async (context, next) => {
    const onceKey = context.req.header(HEADER);
    if (onceKey === undefined) {
      context.set("onceId", onceIdOf(context.get("headers")["x-request-id"] ?? ""));
      return next();
    }
    // Of the wrong form: what reads the headers says so.
    if (!/^[!-~]{1,200}$/.test(onceKey)) {
      context.set("onceId", onceIdOf(context.get("headers")["x-request-id"] ?? ""));
      return next();
    }
    const key = context.get("key");
    const { method, url } = context.req;
    const { pathname, search } = new URL(url);
    const hash = sha256(`${method} ${pathname}${search}\n${await context.req.text()}`);
    // What a client has chosen, and whatever it is, is nobody's to read.
    const once = sha256(onceKey).slice(0, 40);
    const held = { key, onceKey: once, atMs: now() };
    const begun = await beginRequest(held, hash).catch((error: unknown) => {
      // It may have been taken in hand all the same.
      void noted(() => leaveRequest(held)).catch(() => undefined);
      throw error;
    });
    switch (begun.is) {
      case "another":
        return problem(
          context,
          "unprocessable",
          "This Idempotency-Key was sent with another request. Use a new one for each request.",
        );
      case "in hand":
        return problem(
          context,
          "conflict",
          "The same request is being done just now. Send it again in a few seconds.",
          {
            headers: { "retry-after": "2" },
          },
        );
      case "done": {
        const location = begun.status < 400 ? locationOf(JSON.parse(begun.answer)) : undefined;
        return answer(context, begun.status, begun.answer, {
          ...(location !== undefined && { location }),
          "content-type": begun.status < 400 ? "application/json" : "application/problem+json",
          "idempotency-replayed": "true",
        });
      }
    }
    context.set("onceId", `api:${key.id}:${once}`);
    await next();
    // What went wrong on our side, or was not to be done just then, is to be tried again.
    const { status, ok } = context.res;
    if (status >= 500 || status === 429) return noted(() => leaveRequest(held));
    const isShownOnce = context.get("isSecret") === true && ok;
    const kept = isShownOnce ? JSON.stringify(SHOWN_ONCE) : await context.res.clone().text();
    await noted(() => endRequest(held, isShownOnce ? SHOWN_ONCE.status : status, kept));
  };
}

/** Of a request that is not to be sent again. */
export function onceIdOf(requestId: string): string {
  return `api:${requestId}`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
