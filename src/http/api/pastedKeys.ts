import type { MiddlewareHandler } from "hono";
import { holdsOwnKey } from "../../logs/redaction/ownKeys.ts";
import type { ApiEnv } from "./context.ts";
import { problem } from "./problem.ts";

const WHY =
  "which is no place for one: proxies and logs keep it. Send it in the header Authorization, as Bearer, and nowhere else; and rotate this one.";

/**
 * Turns away requests with an API key where it would be kept or searched for. Alerts of other systems are let through: what is in
 * them was chosen by nobody, and is read without it.
 */
export const refusePastedKeys: MiddlewareHandler<ApiEnv> = async (context, next) => {
  const { req } = context;
  if (holdsOwnKey(req.url) || holdsOwnKey(decoded(req.url)))
    return problem(context, "bad-request", `There is an API key in the address, ${WHY}`);
  if (holdsOwnKey(req.header("idempotency-key") ?? ""))
    return problem(context, "bad-request", `There is an API key in the header Idempotency-Key, ${WHY}`);
  if (req.method === "GET" || req.method === "HEAD" || req.path.startsWith("/v1/webhooks/")) return next();
  if (holdsOwnKey(await req.text()))
    return problem(context, "bad-request", `There is an API key in the body, ${WHY}`);
  return next();
};

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
