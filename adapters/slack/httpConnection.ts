import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { App, HTTPModuleFunctions, HTTPReceiver, isRawBodyError, type webApi } from "@slack/bolt";
import { UserError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Calls } from "./calls.ts";
import type { Connection } from "./connection.ts";
import { createInstalledAccounts } from "./installedAccounts.ts";
import { createInstalls } from "./installs.ts";
import { MAX_CLOCK_SKEW_MS, MAX_REQUEST_BYTES } from "./limits.ts";
import { createInstaller } from "./oauth.ts";
import type { HttpConnection } from "./options.ts";
import { sdkLog } from "./sdkLog.ts";

export interface HttpParts {
  options: HttpConnection;
  calls: Calls;
  clientOptions: webApi.WebClientOptions;
  log: Log;
  now: () => number;
  /** It was installed there, for the first time or again. */
  onConnected: (workspace: string) => void;
}

/**
 * Slack's signed requests, and installations by OAuth. Everything is below /slack/.
 * @throws UserError where the public address is none that browsers bring the cookie of an installation to.
 */
export function createHttpConnection(parts: HttpParts): Connection {
  const { options, calls, clientOptions, log, now, onConnected } = parts;

  refuseUnsafe(options.publicUrl);
  const logger = sdkLog(log);
  const receiver = new HTTPReceiver({
    signingSecret: options.signingSecret,
    endpoints: EVENTS,
    logger,
    bodyLimit: MAX_REQUEST_BYTES,
    processEventErrorHandler: async ({ error: err, response }) => {
      log.warn({ err }, "slack: a delivery could not be handled");
      // The SDK's own would answer a second time where it was acknowledged, and fail at that.
      if (!response.headersSent) response.writeHead(500).end();
      return false;
    },
    unhandledRequestHandler: ({ response }) => {
      if (!response.headersSent) response.writeHead(404).end();
    },
  });
  const app = new App({
    receiver,
    logger,
    clientOptions,
    // Nothing is looked up before Slack was told that its delivery has arrived: accounts are found afterwards.
    authorize: async () => ({}),
    ignoreSelf: false,
    convoStore: false,
  });
  const installs = createInstalls(options.installations, onConnected);
  const installer = createInstaller({ options, installs, clientOptions, log, now });
  const accounts = createInstalledAccounts({ installs, authorize: installer.authorize, calls, log, now });
  let isOpen = false;

  const listener: RequestListener = (request, response) => {
    route(request, response).catch((err: unknown) => {
      // Whoever it was is not known: anybody could fill the log with what is told of their requests.
      log.debug(
        { why: err instanceof Error ? err.name : "" },
        "slack: a request that nobody has a place for",
      );
      if (!response.headersSent) response.writeHead(404).end();
    });
  };

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname !== EVENTS || request.method !== "POST") return installer.listener(request, response);
    const refusal = await refusalOf(request);
    if (refusal === undefined) return receiver.requestListener(request, response);
    log.debug({ status: refusal }, "slack: a request was refused");
    response.writeHead(refusal).end();
  }

  /** The status that a delivery is refused with; undefined where the SDK may have it. Reads its body. */
  async function refusalOf(request: IncomingMessage): Promise<number | undefined> {
    // Not yet, or no longer: Slack delivers it again.
    if (!isOpen) return 503;
    // The SDK refuses what is old, and takes what is dated ahead: a copy of it would stay good for as long.
    if (isFromTheFuture(request.headers["x-slack-request-timestamp"])) return 401;
    let signed: BufferedRequest;
    try {
      const { signingSecret } = options;
      signed = await HTTPModuleFunctions.parseAndVerifyHTTPRequest(
        { signingSecret, bodyLimit: MAX_REQUEST_BYTES },
        request,
      );
    } catch (error) {
      return isRawBodyError(error) && error.statusCode === 413 ? 413 : 401;
    }
    return isObject(signed) ? undefined : 400;
  }

  function isFromTheFuture(timestamp: string | string[] | undefined): boolean {
    return Number(timestamp) * 1000 - now() > MAX_CLOCK_SKEW_MS;
  }

  return {
    app,
    accounts,
    listener,
    ownWorkspace: undefined,
    async start() {
      isOpen = true;
    },
    look: async () => undefined,
    async stop() {
      isOpen = false;
    },
    isConnected: () => undefined,
    trouble: () => undefined,
  };
}

const EVENTS = "/slack/events";

/** The cookie is Secure: over http a browser drops it, and each installation would end with "was begun elsewhere". */
function refuseUnsafe(publicUrl: string): void {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname));
  if (!isSafe)
    throw new UserError(
      "HTTP_PUBLIC_URL must begin with https://: over any other address browsers drop the cookie of an installation, and none could be finished. Give the https address of the proxy before LogHunter.",
    );
}

/** Where browsers keep a Secure cookie without https, and tests listen. */
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

type BufferedRequest = Awaited<ReturnType<typeof HTTPModuleFunctions.parseAndVerifyHTTPRequest>>;

/** The SDK answers no other body, and rejects without anybody to hear it: that would end the process. */
function isObject(request: BufferedRequest): boolean {
  try {
    const body: unknown = HTTPModuleFunctions.parseHTTPRequestBody(request);
    return typeof body === "object" && body !== null && !Array.isArray(body);
  } catch {
    return false;
  }
}
