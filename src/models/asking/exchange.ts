import { setImmediate } from "node:timers/promises";
import { Agent, type Dispatcher, ProxyAgent, request } from "undici";
import { eitherSignal } from "../../chat/eitherSignal.ts";
import { type Explain, type Failure, failureOfStatus, refused, unusable } from "./failure.ts";
import type { ModelProvider } from "./provider.ts";
import { retryAfterMs } from "./retryAfter.ts";
import { saidIn } from "./said.ts";
import { brokeOnTheWay, failureOfSocket } from "./socket.ts";

/** One request of a provider's own package, on its way through our `fetch`. */
export interface Exchange {
  /** For the package. Throws for every answer that is not 2xx, or no answer. */
  fetch: typeof globalThis.fetch;
  /** What went wrong, whatever the package made of it; undefined where nothing did. */
  failure(): Failure | undefined;
  /** Whether the provider may have worked on it, and wants to be paid. */
  isSent(): boolean;
}

export interface ExchangeParts {
  provider: ModelProvider;
  /** Undefined where none is asked. */
  model: string | undefined;
  explain: Explain;
  dispatcher: Dispatcher;
  signal: AbortSignal;
  now: () => number;
  /** Of the body; more is not read. */
  mostBytes: number;
}

/** A connection that is not made by then will not be. */
const CONNECT_TIMEOUT_MS = 10_000;
const MOST_ERROR_BYTES = 64 * 1024;
/** A socket gives 64 kB, a thousand pieces of a stream and 60 ms of work; between these parts of it others have their turn. */
const BYTES_AT_ONCE = 8 * 1024;

/** @param proxy address of an HTTP proxy */
export function openDispatcher(proxy?: string): Dispatcher {
  // Time is bounded by the request's signal: a local model may load for minutes before its first byte.
  const options = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: CONNECT_TIMEOUT_MS } };
  return proxy === undefined ? new Agent(options) : new ProxyAgent({ ...options, uri: proxy });
}

/**
 * The packages tell errors apart in three ways, lose headers and causes on the way, and print what they cannot read. So all
 * that is no answer ends here, in one way for all: redirects (a key is not sent elsewhere), statuses, a proxy's HTML, size.
 */
export function openExchange(parts: ExchangeParts): Exchange {
  const { provider, model, explain, dispatcher, signal, now, mostBytes } = parts;
  let failure: Failure | undefined;
  let isSent = false;

  function fail(why: Failure): Error {
    failure ??= why;
    // Its text is nobody's to read, and must not be one that a package takes for a time-out.
    return new Error("the exchange failed");
  }

  async function fetch(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    isSent = true;
    const answer = await request(String(url), {
      dispatcher,
      method: (init.method ?? "GET") as Dispatcher.HttpMethod,
      headers: Object.fromEntries(new Headers(init.headers)),
      body: (init.body as string | null | undefined) ?? null,
      signal: init.signal ? eitherSignal(signal, init.signal) : signal,
    }).catch((error: unknown) => {
      isSent = brokeOnTheWay(error);
      throw fail(failureOfSocket(error, provider));
    });
    // One that is closed on purpose says so as an error, and an error that nobody hears of ends the process.
    answer.body.on("error", () => undefined);
    const header = (name: string) => [answer.headers[name]].flat()[0];
    const type = header("content-type") ?? "";
    if (answer.statusCode >= 300) {
      isSent = GIVEN_UP.has(answer.statusCode);
      throw fail(await explained(answer, header));
    }
    if (/html/i.test(type)) {
      answer.body.destroy();
      throw fail(
        refused(
          `What answers at the address of ${provider.called} sends a web page. Check ${provider.settings.baseUrl}, and proxies between.`,
        ),
      );
    }
    return new Response(answer.statusCode === 204 ? null : bounded(answer.body), {
      status: answer.statusCode,
      headers: { "content-type": type },
    });
  }

  async function explained(
    { statusCode, body }: Dispatcher.ResponseData,
    header: (name: string) => string | undefined,
  ): Promise<Failure> {
    const said = saidIn(await startOf(body));
    const why =
      (said && explain(said, model, statusCode)) ?? failureOfStatus(statusCode, said, model, provider);
    const afterMs = retryAfterMs(header, now());
    return why.outcome === "later" && afterMs !== undefined ? { ...why, afterMs } : why;
  }

  function bounded(body: Dispatcher.ResponseData["body"]): ReadableStream<Uint8Array> {
    const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    let bytes = 0;
    let come: Uint8Array = new Uint8Array();
    return new ReadableStream({
      async pull(controller) {
        if (come.length > 0) {
          await setImmediate();
        } else {
          const next = await chunks.next().catch(() => {
            throw fail(unusable(`The answer of ${provider.called} broke off.`));
          });
          if (next.done) return controller.close();
          come = new Uint8Array(next.value);
          bytes += come.length;
        }
        if (bytes > mostBytes) {
          body.destroy();
          throw fail(
            unusable(`${provider.called} answered with more than ${Math.round(mostBytes / 1_000_000)} MB.`),
          );
        }
        controller.enqueue(come.slice(0, BYTES_AT_ONCE));
        come = come.subarray(BYTES_AT_ONCE);
      },
      cancel() {
        body.destroy();
      },
    });
  }

  return { fetch, failure: () => failure, isSent: () => isSent };
}

/** What a proxy says that did not wait for the answer any longer: whoever was to give it may not know. */
const GIVEN_UP: ReadonlySet<number> = new Set([408, 499, 504, 524]);

/** What there is of an error's text, at most so much of it; nothing where it does not come. */
async function startOf(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_ERROR_BYTES) break;
    }
  } catch {
    // The status says enough.
  }
  return Buffer.concat(chunks).toString("utf8");
}
