import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { databaseTrouble } from "../../databaseTrouble.ts";
import { TooMuchAsked, UserError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { ClientAddress } from "../clientAddress.ts";
import { addRoute, type Guards, type Route } from "./addRoute.ts";
import { answer } from "./answer.ts";
import type { ApiApp, ApiEnv } from "./context.ts";
import { documentOf } from "./document.ts";
import { doneOnce, onceIdOf } from "./once.ts";
import { DOCUMENT, HEALTH } from "./openRoutes.ts";
import { refusePastedKeys } from "./pastedKeys.ts";
import { problem, Refusal, refuse, unreadable } from "./problem.ts";
import { createWatched } from "./watched.ts";

export interface ApiParts extends Omit<Guards, "once"> {
  routes: readonly Route[];
  version: string;
  clientAddress: ClientAddress;
  telemetry: Telemetry;
  log: Log;
  now: () => number;
}

/** More than any request of ours, and than an alert of a hundred parts. */
const MOST_BYTES = 256 * 1024;

const WITH_BODY = ["POST", "PUT", "PATCH", "DELETE"];
const HEALTHY = JSON.stringify({ status: "ok" });
/** As hono reads JSON: what it takes for none, `application/json-seq` too, is to it a body that is not there. */
const JSON_TYPE = /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Answers are data for programs, and nobody else's to keep. */
const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

/** The HTTP API below /v1. */
export function createApi(parts: ApiParts): ApiApp {
  const { routes, door, version, clientAddress, telemetry, log, now } = parts;
  const api: ApiApp = new OpenAPIHono<ApiEnv>({
    defaultHook(result, context) {
      return result.success ? undefined : unreadable(context, result.error);
    },
  }).basePath("/v1") as ApiApp;

  const watched = createWatched(telemetry);
  api.use((context, next) => {
    const { incoming } = (context.env ?? {}) as { incoming?: IncomingMessage };
    context.set("address", clientAddress(incoming));
    const id = randomUUID();
    context.set("headers", { ...HEADERS, "x-request-id": id });
    return watched(context, next, onceIdOf(id));
  });
  const limited = bodyLimit({
    maxSize: MOST_BYTES,
    // What still comes of it is not read: who sent the next request after it would wait for an answer in vain.
    onError: (context) =>
      problem(context, "too-large", `A body has at most ${MOST_BYTES / 1024} kB.`, {
        headers: { connection: "close" },
      }),
  });
  api.on(WITH_BODY, "*", async (context, next) => {
    let isRead = false;
    try {
      return await limited(context, () => {
        isRead = true;
        return next();
      });
    } catch (error) {
      throw isRead ? error : endedEarly();
    }
  });
  // A refusal that is sent before all of the request has come ends the connection, and is lost with it.
  api.on(WITH_BODY, "*", async (context, next) => {
    const { req } = context;
    const { byteLength } = await req.arrayBuffer().catch(() => {
      throw endedEarly();
    });
    if (byteLength > 0 && !JSON_TYPE.test(req.header("content-type") ?? ""))
      return problem(
        context,
        "unsupported-media-type",
        "Send JSON, with the header Content-Type: application/json.",
      );
    return next();
  });
  api.use(refusePastedKeys);
  // Texts that are made once; for the types an answer of JSON is made each time.
  api.openapi(HEALTH, (context) => answer(context, 200, HEALTHY) as never);
  api.openapi(DOCUMENT, (context) => answer(context, 200, document) as never);
  const guards = { door, once: doneOnce(now) };
  for (const each of routes) addRoute(api, guards, each);
  const document = JSON.stringify(documentOf(api, version));
  const methodsOf = methodsByPath(routes);

  api.notFound((context) => {
    const allowed = methodsOf(context.req.path);
    if (allowed.length > 0) {
      const asked = `${context.req.method} ${context.req.path.slice(0, 100)}`;
      return problem(context, "method-not-allowed", `There is no ${asked}, but ${allowed.join(" and ")}.`, {
        headers: { allow: allowed.join(", ") },
      });
    }
    return problem(
      context,
      "not-found",
      `There is no ${context.req.method} ${context.req.path.slice(0, 100)}. What there is stands in /v1/openapi.json.`,
    );
  });
  api.onError((error, context) => {
    if (error instanceof Refusal) return problem(context, error.kind, error.message);
    if (error instanceof HTTPException) return problem(context, "bad-request", "The body is not JSON.");
    const trouble = databaseTrouble(error);
    if (trouble !== undefined)
      return problem(context, "unavailable", trouble.message, { headers: { "retry-after": "30" } });
    if (error instanceof TooMuchAsked)
      return problem(context, "too-many-requests", error.message, { headers: { "retry-after": "60" } });
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

/** @returns the methods with which a path is asked; none where there is no such path */
function methodsByPath(routes: readonly Route[]): (path: string) => string[] {
  const known = [...routes, HEALTH, DOCUMENT].map(({ method, path }) => ({
    method: method.toUpperCase(),
    path: new RegExp(`^/v1${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
  }));
  return (asked) => [...new Set(known.filter(({ path }) => path.test(asked)).map(({ method }) => method))];
}

/** By the client, which is nothing that went wrong here, and no loss of the database either. */
function endedEarly(): Refusal {
  return refuse("bad-request", "The connection ended before all of the body had come.");
}
