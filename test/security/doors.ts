import { connect } from "node:net";
import { MAX_REQUEST_BYTES } from "../../adapters/slack/limits.ts";
import { apiListener } from "../../src/http/api/listener.ts";
import { metricsRoute } from "../../src/http/metrics.ts";
import { type ServerLimits, startHttpServer } from "../../src/http/server.ts";
import { createLog } from "../../src/log.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { openHttpSlack } from "../adapters/slack/harness.ts";
import { openWeb } from "../adapters/web/harness.ts";
import { createLinesSource } from "../support/linesSource.ts";
import { createScriptedCore } from "../support/scriptedCore.ts";
import { openTestApp } from "../support/testApp.ts";

/** A server of LogHunter's on a real port, as anybody meets it. */
export interface Door {
  name: string;
  port: number;
  /** Where something can be sent that is read. */
  posts: readonly { path: string; mostBytes: number }[];
  paths: readonly string[];
  /** What lets one in, where that is needed to be read at all. */
  headers: Record<string, string>;
  close(): Promise<void>;
}

const log = createLog("silent");

/** The web console. */
export async function openConsole(serverLimits: ServerLimits): Promise<Door> {
  const web = await openWeb(createScriptedCore(), { serverLimits });
  return {
    name: "web console",
    port: Number(new URL(web.origin).port),
    posts: [{ path: "/say", mostBytes: 64 * 1024 }],
    paths: ["/", "/page/main.js", "/setup", "/events?channel=none", "/earlier?channel=logs", "/nothing"],
    headers: { cookie: web.cookie, "content-type": "application/json" },
    close: () => web.platform.stop(),
  };
}

/** The server for the API, for Slack's requests and for metrics. */
export async function openHttp(limits: ServerLimits): Promise<Door> {
  const app = await openTestApp({ logs: createLinesSource([]) });
  const on = await openHttpSlack(createScriptedCore());
  const { listener } = on.slack;
  if (listener === undefined) throw new Error("Slack over HTTP has no listener");
  const server = await startHttpServer({ host: "127.0.0.1", port: 0, log, limits }, [
    { prefix: "/v1/", listener: apiListener(app.app.api) },
    { prefix: "/slack/", listener },
    metricsRoute({ metrics: createMetrics(log), log, token: "a-token-of-some-length" }),
  ]);
  return {
    name: "HTTP server",
    port: server.port,
    posts: [
      { path: "/v1/analyses", mostBytes: 256 * 1024 },
      { path: "/slack/events", mostBytes: MAX_REQUEST_BYTES },
    ],
    paths: [
      ...["/", "/v1/health", "/v1/openapi.json", "/v1/clusters", "/v1/nothing", "/metrics", "/metrics/x"],
      ...["/slack/install", "/slack/oauth_redirect", "/slack/events", "/slack/nothing"],
    ],
    headers: { "content-type": "application/json" },
    async close() {
      await server.close();
      await Promise.all([on.close(), app.close()]);
    },
  };
}

/** What comes back for these very bytes, and after how long the connection is over; nothing is said after them. */
export function sayRaw(port: number, bytes: string): Promise<{ text: string; afterMs: number }> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes, "latin1"));
    let text = "";
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    // A reset is an end as well.
    socket.on("error", () => undefined);
    socket.on("close", () => resolve({ text, afterMs: performance.now() - startedMs }));
  });
}

/** The statuses of the answers in what came back. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((found) => Number(found[1]));
}
