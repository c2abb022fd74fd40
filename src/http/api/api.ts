import { randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { databaseTrouble } from "../../database.ts";
import { UserError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { addRoute, type Guards, type Route } from "./addRoute.ts";
import type { ApiApp, ApiEnv } from "./context.ts";
import { documentOf } from "./document.ts";
import { doneOnce } from "./once.ts";
import { problem } from "./problem.ts";

export interface ApiParts extends Omit<Guards, "once"> {
  routes: readonly Route[];
  version: string;
  log: Log;
  now: () => number;
}

/** More than any request of ours, and than an alert of a hundred parts. */
const MOST_BYTES = 256 * 1024;

/** The HTTP API below /v1. */
export function createApi({ routes, door, version, log, now }: ApiParts): ApiApp {
  const api: ApiApp = new OpenAPIHono<ApiEnv>({
    defaultHook(result) {
      if (result.success) return undefined;
      const errors = result.error.issues.map(({ path, message }) => ({
        at: path.join("."),
        why: message,
      }));
      const first = errors[0];
      return problem("bad-request", first === undefined ? "It cannot be read." : sentence(first), { errors });
    },
  }).basePath("/v1") as ApiApp;

  api.use(async (context, next) => {
    const { incoming } = (context.env ?? {}) as Partial<HttpBindings>;
    context.set("address", incoming?.socket.remoteAddress ?? "");
    await next();
    const { headers } = context.res;
    headers.set("x-request-id", randomUUID());
    headers.set("cache-control", "no-store");
    headers.set("x-content-type-options", "nosniff");
    headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  });
  api.use(
    bodyLimit({
      maxSize: MOST_BYTES,
      onError: () => problem("too-large", `A body has at most ${MOST_BYTES / 1024} kB.`),
    }),
  );
  // A refusal that is sent before all of the request has come ends the connection, and is lost with it.
  api.use(async ({ req }, next) => {
    if (req.method !== "GET" && req.method !== "HEAD") await req.arrayBuffer();
    await next();
  });
  api.get("/health", (context) => context.json({ status: "ok" }));
  const guards = { door, once: doneOnce(now) };
  for (const each of routes) addRoute(api, guards, each);
  const document = JSON.stringify(documentOf(api, version));
  api.get("/openapi.json", (context) => context.body(document, 200, { "content-type": "application/json" }));

  api.notFound(({ req }) =>
    problem(
      "not-found",
      `There is no ${req.method} ${req.path.slice(0, 100)}. What there is stands in /v1/openapi.json.`,
    ),
  );
  api.onError((error) => {
    if (error instanceof HTTPException) return error.res ?? problem("bad-request", "The body is not JSON.");
    const trouble = databaseTrouble(error);
    if (trouble !== undefined)
      return problem("unavailable", trouble.message, { headers: { "retry-after": "30" } });
    if (error instanceof UserError)
      return error.cause === undefined
        ? problem("unprocessable", error.message)
        : problem("unavailable", error.message, { headers: { "retry-after": "30" } });
    const reference = randomUUID().slice(0, 8);
    log.error({ err: error, reference }, "an API request failed");
    return problem(
      "internal",
      `Try again; if it stays, LogHunter's log says more under reference ${reference}.`,
    );
  });
  return api;
}

function sentence({ at, why }: { at: string; why: string }): string {
  return at === "" ? `${why}.` : `${at}: ${why}.`;
}
