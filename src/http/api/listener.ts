import type { RequestListener } from "node:http";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { ApiApp } from "./context.ts";
import { problemOf } from "./problem.ts";

/** The API for Node's own server. */
export function apiListener(api: ApiApp): RequestListener {
  return getRequestListener(api.fetch, { errorHandler: unreadable });
}

/** What is refused before the API sees it: a Host or an address that is none. */
function unreadable(error: unknown): Response {
  if (!(error instanceof RequestError)) throw error;
  const told = problemOf("bad-request", `Its Host or its address cannot be read: ${error.message}.`);
  return new Response(JSON.stringify(told), {
    status: told.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}
