import type { Context } from "hono";
import type { ApiEnv } from "./context.ts";

/**
 * An answer with what was set for it so far. Its headers are a plain object all the way: made one by one they take longer than the
 * rest of a read.
 */
export function answer(
  context: Context<ApiEnv>,
  status: number,
  body: string,
  headers: Record<string, string> = JSON_TYPE,
): Response {
  return new Response(body, { status, headers: { ...context.get("headers"), ...headers } });
}

const JSON_TYPE = { "content-type": "application/json" };
