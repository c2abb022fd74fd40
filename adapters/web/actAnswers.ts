import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Handled } from "./acts.ts";
import { type Waiting, waitingRequest } from "./waiting.ts";

/** What the server passes on with a request. */
export interface OverHttp {
  Bindings: HttpBindings;
}

/** Browsers open six connections to one host: an act that takes long gives its own back, and the page asks again. */
const ACT_WAIT_MS = 10_000;

/** Answers a page's act with what came of it, or before that with a secret that the page is to show. */
export function createActAnswers(waiting: Waiting) {
  return async (c: Context<OverHttp>, actId: string, act: Promise<Handled>): Promise<Response> => {
    const { request, handed } = waitingRequest(c.env.outgoing);
    const leave = waiting.begin(actId, request);
    let comesBack = false;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ACT_WAIT_MS);
    });
    try {
      const handled = await Promise.race([act, tooLong, handed.then((secret) => ({ secret }))]);
      if (handled === undefined) {
        comesBack = true;
        const forget = () => waiting.forget(actId);
        act.then(forget, forget);
        return c.json({ outcome: "working" }, 202);
      }
      if ("secret" in handled) {
        const { thread } = handled.secret;
        return c.json({ outcome: "done", ...(thread !== undefined && { thread }), ...handled });
      }
      return handled.outcome === "refused" ? c.json({ error: handled.why }, 409) : c.json(handled);
    } finally {
      clearTimeout(timer);
      leave(comesBack);
    }
  };
}
