import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { ApiApp } from "./context.ts";

/** The API for Node's own server. */
export function apiListener(api: ApiApp): RequestListener {
  return getRequestListener(api.fetch);
}
