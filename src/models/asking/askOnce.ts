import type { Dispatcher } from "undici";
import type { Log } from "../../log.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import { type Explain, type Failure, later, unusable } from "./failure.ts";
import type { ModelProvider } from "./provider.ts";

export interface AskingParts {
  provider: ModelProvider;
  explain: Explain;
  dispatcher: Dispatcher;
  log: Log;
  now: () => number;
}

/** In a stream each token is carried by 250 bytes: 16,000 of them. */
const MOST_ANSWER_BYTES = 4_000_000;

/**
 * Does one thing with a provider: comes back when the signal aborts, whatever the package does, and throws never.
 * @param work the package's call, through the exchange's `fetch`
 */
export async function askOnce<T>(
  parts: AskingParts,
  model: string | undefined,
  signal: AbortSignal,
  work: (exchange: Exchange) => Promise<T>,
): Promise<T | Failure> {
  const { provider, log } = parts;
  const calledOff = () => later(`${provider.called} had not answered when the request was given up.`);
  const withSent = <R extends T | Failure>(reply: R): R =>
    isLater(reply) && exchange.isSent() ? { ...reply, sent: true } : reply;
  if (signal.aborted) return calledOff();
  const exchange = openExchange({ ...parts, model, signal, mostBytes: MOST_ANSWER_BYTES });
  let stop = () => {};
  const aborted = new Promise<Failure>((resolve) => {
    stop = () => resolve(calledOff());
    signal.addEventListener("abort", stop, { once: true });
  });
  const done = work(exchange)
    // A package may take what broke off for the end.
    .then((reply) => exchange.failure() ?? reply)
    .catch((error: unknown) => {
      const failure = exchange.failure() ?? parts.explain(saidWith(error), model, undefined);
      if (failure !== undefined) return failure;
      // The name alone: the message of a parser quotes the answer.
      const name = error instanceof Error ? error.name : typeof error;
      log.debug(
        { provider: provider.called, address: provider.baseUrl, error: name },
        "an answer of a language model could not be read",
      );
      return unusable(`${provider.called} sent an answer that cannot be read.`);
    });
  try {
    return withSent(await Promise.race([done, aborted]));
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function isLater(reply: unknown): reply is Failure & { outcome: "later" } {
  return typeof reply === "object" && reply !== null && "outcome" in reply && reply.outcome === "later";
}

/**
 * Told of each piece of text until the request is given up. A listener that throws does not spoil the answer.
 * @param onText the request's own
 */
export function listener(
  { log }: AskingParts,
  onText: (piece: string) => void,
  signal: AbortSignal,
): (piece: string) => void {
  return (piece) => {
    if (signal.aborted) return;
    try {
      onText(piece);
    } catch (err) {
      log.error({ err }, "who listens to a language model failed");
    }
  };
}

const PARSERS: ReadonlySet<string> = new Set(["SyntaxError", "TypeError", "ZodError"]);

/** What the provider said of an error within a stream. What a parser says, which has a name of its own, is nothing of that. */
function saidWith(error: unknown) {
  const { name, code, type, message } = error as Error & { code?: unknown; type?: unknown };
  if (PARSERS.has(name)) return { words: [], message: "", param: undefined };
  return {
    words: [code, type].filter((word) => typeof word === "string"),
    message: typeof message === "string" ? message : "",
    param: undefined,
  };
}
