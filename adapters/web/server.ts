import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { UserError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { type Asset, readAssets } from "./assets.ts";
import { type RouteParts, routes } from "./routes.ts";
import { type SessionRules, session } from "./session.ts";

/** The whole HTTP side: rules for every answer, then the session, then the routes. */
export async function createServer(
  rules: SessionRules,
  parts: RouteParts,
  log: Log,
  held: ServerLimits = HELD,
): Promise<Server> {
  const assets = await readAssets();
  const app = new Hono();

  app.use(securityHeaders);
  app.use(session(rules));
  app.get("/", (c) => asset(c, assets.get("index.html")));
  app.get("/page/:name", (c) => asset(c, assets.get(c.req.param("name"))));
  app.route("/", routes(parts));
  app.notFound((c) => c.json({ error: "There is nothing here." }, 404));
  app.onError((err, c) => {
    // Whoever asked is told; and of a database that is away the log has heard.
    if (err instanceof UserError) return c.json({ error: err.message }, 503);
    log.error({ err, path: c.req.path }, "web: a request failed");
    return c.json({ error: "LogHunter could not do this just now. Try again in a moment." }, 500);
  });
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: held.headersMs,
      requestTimeout: held.requestMs,
      connectionsCheckingInterval: held.lookMs,
    },
  }) as Server;
  server.maxConnections = held.connections;
  return server;
}

/** What one client, or many, may hold of this server. */
export interface ServerLimits {
  headersMs: number;
  requestMs: number;
  /** How often it is looked whether somebody takes longer. Node's own is 30 s. */
  lookMs: number;
  connections: number;
}

/** A page says what it wants in one breath. Streams have 200 seats (seats.ts), and each page a few requests beside its own. */
const HELD: ServerLimits = { headersMs: 10_000, requestMs: 30_000, lookMs: 2_000, connections: 1_000 };

/** Nothing of any other host is loaded, and no other page may frame this one or read from it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join("; ");

async function securityHeaders(c: Context, next: () => Promise<void>): Promise<void> {
  await next();
  c.header("Content-Security-Policy", POLICY);
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Referrer-Policy", "no-referrer");
  c.header("Cross-Origin-Opener-Policy", "same-origin");
  c.header("Cross-Origin-Resource-Policy", "same-origin");
  // Log lines are nobody else's business: nothing is kept in a cache unless its route says so.
  if (!c.res.headers.has("cache-control")) c.header("Cache-Control", "no-store");
}

function asset(c: Context, found: Asset | undefined): Response {
  if (found === undefined) return c.json({ error: "There is nothing here." }, 404);
  const headers = { "content-type": found.type, etag: found.etag, "cache-control": "private, no-cache" };
  if (c.req.header("if-none-match") === found.etag) return c.body(null, 304, headers);
  return c.body(found.bytes, 200, headers);
}
