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
import { refusePastedKeys } from "./pastedKeys.ts";
import { problem, Refusal } from "./problem.ts";

export interface ApiParts extends Omit<Guards, "once"> {
  routes: readonly Route[];
  version: string;
  log: Log;
  now: () => number;
}

/** More than any request of ours, and than an alert of a hundred parts. */
const MOST_BYTES = 256 * 1024;

/** Answers are data for programs, and nobody else's to keep. */
const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

/** The HTTP API below /v1. */
export function createApi({ routes, door, version, log, now }: ApiParts): ApiApp {
  const api: ApiApp = new OpenAPIHono<ApiEnv>({
    defaultHook(result, context) {
      if (result.success) return undefined;
      const errors = result.error.issues.map(({ path, message }) => ({
        at: path.join("."),
        why: message,
      }));
      const first = errors[0];
      return problem(context, "bad-request", first === undefined ? "It cannot be read." : sentence(first), {
        errors,
      });
    },
  }).basePath("/v1") as ApiApp;

  api.use(async (context, next) => {
    const { incoming } = (context.env ?? {}) as Partial<HttpBindings>;
    context.set("address", incoming?.socket.remoteAddress ?? "");
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    context.header("x-request-id", randomUUID());
    await next();
  });
  api.use(
    bodyLimit({
      maxSize: MOST_BYTES,
      onError: (context) => problem(context, "too-large", `A body has at most ${MOST_BYTES / 1024} kB.`),
    }),
  );
  // A refusal that is sent before all of the request has come ends the connection, and is lost with it.
  api.use(async (context, next) => {
    const { req } = context;
    if (req.method === "GET" || req.method === "HEAD") return next();
    const { byteLength } = await req.arrayBuffer();
    const isJson = /^application\/(?:[\w.+-]+\+)?json\b/i.test(req.header("content-type") ?? "");
    if (byteLength > 0 && !isJson)
      return problem(
        context,
        "unsupported-media-type",
        "Send JSON, with the header Content-Type: application/json.",
      );
    return next();
  });
  api.use(refusePastedKeys);
  api.get("/health", (context) => context.json({ status: "ok" }));
  const guards = { door, once: doneOnce(now) };
  for (const each of routes) addRoute(api, guards, each);
  const document = JSON.stringify(documentOf(api, version));
  api.get("/openapi.json", (context) => context.body(document, 200, { "content-type": "application/json" }));

  api.notFound((context) =>
    problem(
      context,
      "not-found",
      `There is no ${context.req.method} ${context.req.path.slice(0, 100)}. What there is stands in /v1/openapi.json.`,
    ),
  );
  api.onError((error, context) => {
    if (error instanceof Refusal) return problem(context, error.kind, error.message);
    if (error instanceof HTTPException) return problem(context, "bad-request", "The body is not JSON.");
    const trouble = databaseTrouble(error);
    if (trouble !== undefined)
      return problem(context, "unavailable", trouble.message, { headers: { "retry-after": "30" } });
    if (error instanceof UserError)
      return error.cause === undefined
        ? problem(context, "unprocessable", error.message)
        : problem(context, "unavailable", error.message, { headers: { "retry-after": "30" } });
    const reference = randomUUID().slice(0, 8);
    log.error({ err: error, reference }, "an API request failed");
    return problem(
      context,
      "internal",
      `Try again; if it stays, LogHunter's log says more under reference ${reference}.`,
    );
  });
  return api;
}

function sentence({ at, why }: { at: string; why: string }): string {
  return at === "" ? `${why}.` : `${at}: ${why}.`;
}
