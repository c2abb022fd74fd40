import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createFaults, type Fault, type Faults } from "./faults.ts";
import { type Args, createMethods } from "./methods.ts";
import { createOAuth, type OAuth } from "./oauth.ts";
import { createResponseUrls, type ResponseUrls } from "./responseUrls.ts";
import { createSocketMode, type SocketMode } from "./socketMode.ts";
import { type Team, World } from "./world.ts";

/**
 * Slack on 127.0.0.1: as much of it as the adapter uses, held to its rules. What breaks one is among the
 * complaints; what Slack refuses is refused.
 */
export interface SlackServer {
  apiUrl: string;
  world: World;
  socket: SocketMode;
  oauth: OAuth;
  faults: Faults;
  responseUrls: ResponseUrls;
  complaints: string[];
  /** What was called, in order. */
  calls: { method: string; args: Args; token: string }[];
  /** What was sent to response_urls, in order. */
  answers: string[];
  /** All that came in, whole: each request with its address, headers and body, and each frame of a socket. */
  heard: string[];
  /** An id that lets a form be opened, for three seconds and once. */
  makeTrigger(): string;
  expireTriggers(): void;
  close(): Promise<void>;
}

export const APP_TOKEN = "xapp-1-test";

/** @param now by which uploaded files are processed. */
export async function openSlackServer(now: () => number = Date.now): Promise<SlackServer> {
  const world = new World();
  const complaints: string[] = [];
  const complain = (what: string) => void complaints.push(what);
  const calls: SlackServer["calls"] = [];
  const answers: string[] = [];
  const heard: string[] = [];
  const faults = createFaults();
  const triggers = new Map<string, { untilMs: number; isUsed: boolean }>();
  let origin = "";
  const socket = createSocketMode(complain, (text) => void heard.push(text));
  const responseUrls = createResponseUrls(world, () => origin, complain);
  const oauth = createOAuth(world);
  const methods = createMethods({
    world,
    origin: () => origin,
    complain,
    now,
    takeTrigger(id) {
      const trigger = triggers.get(id);
      if (trigger === undefined || Date.now() > trigger.untilMs) return "expired";
      if (trigger.isUsed) return "used";
      trigger.isUsed = true;
      return "good";
    },
  });

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      complain(`the server failed: ${error}`);
      response.destroy();
    });
  });
  server.on("upgrade", (request, stream) => socket.accept(request, stream));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    heard.push(
      `${request.method} ${request.url}\n${request.rawHeaders.join("\n")}\n\n${body.toString("utf8")}`,
    );
    const [, first, second = ""] = (request.url ?? "").split("?")[0]?.split("/") ?? [];
    if (first === "api") return answerCall(second, request, body, response);
    if (first === "upload") return answerUpload(second, body, response);
    if (first === "response") {
      answers.push(body.toString("utf8"));
      const fault = faults.take("response_url");
      if (fault?.kind !== "answer lost" && (await meets(fault, response))) return;
      const [status, text] = responseUrls.take(second, body.toString("utf8"));
      if (fault?.kind === "answer lost") {
        response.destroy();
        return;
      }
      response.writeHead(status).end(text);
      return;
    }
    response.writeHead(404).end();
  }

  async function answerUpload(id: string, body: Buffer, response: ServerResponse): Promise<void> {
    if (await meets(faults.take("upload"), response)) return;
    const file = world.files.get(id);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    file.bytes = Uint8Array.from(body);
    response.writeHead(200).end(`OK - ${body.byteLength}`);
  }

  async function answerCall(
    method: string,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const args = Object.fromEntries(new URLSearchParams(body.toString("utf8")));
    const token = (request.headers.authorization ?? "").replace("Bearer ", "");
    calls.push({ method, args, token });
    const fault = faults.take(method);
    if (fault !== undefined && fault.kind !== "answer lost" && (await meets(fault, response))) return;
    const [result, team] = perform(method, args, token);
    if (fault?.kind === "answer lost") {
      response.destroy();
      return;
    }
    const scopes = team === undefined ? {} : { "x-oauth-scopes": team.scopes.join(",") };
    response.writeHead(200, { "content-type": "application/json; charset=utf-8", ...scopes });
    response.end(JSON.stringify(result));
  }

  function perform(method: string, args: Args, token: string): [Record<string, unknown>, Team | undefined] {
    if (method === "oauth.v2.access") return [oauth.access(args), undefined];
    if (method === "apps.connections.open") {
      if (token !== APP_TOKEN) return [{ ok: false, error: "invalid_auth" }, undefined];
      return [{ ok: true, url: `${origin.replace("http", "ws")}/link` }, undefined];
    }
    const known = methods[method];
    if (known === undefined) {
      complain(`no such method: ${method}`);
      return [{ ok: false, error: "unknown_method" }, undefined];
    }
    const team = world.teams.find((one) => one.token === token);
    if (team === undefined) return [{ ok: false, error: "invalid_auth" }, undefined];
    if (team.isRevoked) return [{ ok: false, error: "token_revoked" }, undefined];
    if (team.isOrgWide && method !== "auth.test" && args.team_id === undefined) {
      complain(`${method} of an organisation's token names no workspace`);
    }
    if (known.scope !== undefined && !team.scopes.includes(known.scope)) {
      return [
        { ok: false, error: "missing_scope", needed: known.scope, provided: team.scopes.join(",") },
        team,
      ];
    }
    return [known.call(args, team), team];
  }

  return {
    apiUrl: `${origin}/api`,
    world,
    socket,
    oauth,
    faults,
    responseUrls,
    complaints,
    calls,
    answers,
    heard,
    makeTrigger() {
      const id = world.nextId("TR");
      triggers.set(id, { untilMs: Date.now() + 3_000, isUsed: false });
      return id;
    },
    expireTriggers() {
      for (const trigger of triggers.values()) trigger.untilMs = 0;
    },
    async close() {
      socket.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** @returns whether that was the answer. */
async function meets(fault: Fault | undefined, response: ServerResponse): Promise<boolean> {
  switch (fault?.kind) {
    case "rate limited": {
      const seconds = fault.retryAfterSeconds;
      response.writeHead(429, seconds === undefined ? {} : { "retry-after": String(seconds) }).end("{}");
      return true;
    }
    case "status":
      response.writeHead(fault.status).end("upstream failure");
      return true;
    case "error":
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ ok: false, error: fault.code, ...fault.extra }));
      return true;
    case "answer":
      response.writeHead(200, { "content-type": "application/json" }).end(fault.body);
      return true;
    case "begun":
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write('{"ok":');
      if (fault.end === "breaks off") setImmediate(() => response.destroy());
      return true;
    case "hang":
      return true;
    case "dropped":
      response.destroy();
      return true;
    case "answer lost":
    case undefined:
      return false;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
