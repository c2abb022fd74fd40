import type { Log } from "../log.ts";
import { createCircuit, type LeftAlone } from "./circuit.ts";
import { type After, afterReally, createDeadline, type Deadline } from "./deadline.ts";
import type { LanguageModel, MayAskAgain, ModelReply, ModelRequest } from "./languageModel.ts";
import { createPlaces } from "./places.ts";

export interface GuardParts {
  log: Log;
  /** For all attempts at one request together, with waiting for its turn: 120 s hosted, 300 s locally. */
  timeoutMs?: number;
  /**
   * Requests of this process at once on one account: 4 hosted; 1 locally, where more share one graphics card and all come late. All
   * accounts together have twice as many.
   */
  concurrency?: number;
  now?: () => number;
  after?: After;
  /** 0 to 1, for the jitter of waits. */
  random?: () => number;
}

export interface ModelState {
  isLeftAlone: boolean;
  asking: number;
  waiting: number;
  /** Since when the one is asked that was asked first; absent where none is. */
  oldestSinceMs?: number;
}

/** A provider to lean on: whatever it does, a request ends in time, with a reply. */
export interface GuardedModel extends LanguageModel {
  /** How it is just now, for metrics and people. */
  state(): ModelState;
}

/** A hosted model writes some thousand tokens in a minute; a local one may have to be loaded first. */
const TIMEOUT_MS = { hosted: 120_000, locally: 300_000 };
const CONCURRENCY = { hosted: 4, locally: 1 };
/** Whoever would have to wait longer is better told so. */
const LONGEST_WAIT_MS = 30_000;
/** Up to twice as long, where the provider does not say. */
const WAIT_UNTOLD_MS = 1_000;
/** A turn that comes in the last hundredth of the time is none. */
const LEAST_PART = 100;
const FAILURES_IN_A_ROW = 5;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 300_000;

/** Stands between the core and an adapter: time, turns, a second attempt, and leaving alone who does not answer. */
export function guardModel(model: LanguageModel, parts: GuardParts): GuardedModel {
  const { log, now = Date.now, after = afterReally, random = Math.random } = parts;
  const timeoutMs = parts.timeoutMs ?? TIMEOUT_MS[model.runs];
  const each = parts.concurrency ?? CONCURRENCY[model.runs];
  const places = createPlaces({ all: 2 * each, each });
  const name = NAMES[model.provider];
  /** When each request that is asked now was begun with, the first one first. */
  const asked = new Set<{ sinceMs: number }>();
  const circuit = createCircuit({
    failures: FAILURES_IN_A_ROW,
    firstPauseMs: FIRST_PAUSE_MS,
    longestPauseMs: LONGEST_PAUSE_MS,
    now,
    told(pauseMs) {
      const { provider } = model;
      if (pauseMs === undefined) log.info({ provider }, "a language model answers again");
      else log.warn({ provider, pauseMs }, "a language model does not answer and is left alone");
    },
  });

  async function ask(request: ModelRequest, caller: AbortSignal, again?: MayAskAgain): Promise<ModelReply> {
    const alone = circuit.leftAlone();
    if (alone !== undefined) return tellAlone(name, alone);
    const deadline = createDeadline(caller, timeoutMs, now, after);
    try {
      const giveBack = await places.take(deadline.signal, {
        account: request.account,
        waits: (before) => request.onStanding?.({ state: "waiting", before }),
      });
      if (giveBack === undefined) return overdue(caller, `no turn to ask ${name} came`);
      const turn = { sinceMs: now() };
      asked.add(turn);
      try {
        // With so little time left a silence would say nothing of the provider.
        if (deadline.leftMs() < timeoutMs / LEAST_PART) return overdue(caller, `no turn to ask ${name} came`);
        request.onStanding?.({ state: "asked", ...turn, forMs: deadline.leftMs() });
        // The turn is kept while a second attempt is waited for: who asks to wait is not to be asked by the next.
        return await askTwice(request, caller, deadline, again);
      } finally {
        asked.delete(turn);
        giveBack();
      }
    } finally {
      deadline.end();
    }
  }

  async function askTwice(
    request: ModelRequest,
    caller: AbortSignal,
    deadline: Deadline,
    again: MayAskAgain | undefined,
  ): Promise<ModelReply> {
    let isShown = false;
    const { onText } = request;
    const watched: ModelRequest =
      onText === undefined
        ? request
        : {
            ...request,
            onText(piece) {
              if (deadline.signal.aborted) return;
              isShown = true;
              onText(piece);
            },
          };
    const first = await askOnce(watched, caller, deadline);
    // What somebody has read cannot be taken back.
    if (first.outcome !== "later" || isShown || deadline.signal.aborted) return first;
    const waitMs = first.afterMs ?? Math.round(WAIT_UNTOLD_MS * (1 + random()));
    if (waitMs > LONGEST_WAIT_MS || waitMs >= deadline.leftMs() || circuit.leftAlone()) return first;
    await pause(waitMs, deadline, after);
    if (deadline.signal.aborted) return overdue(caller, `${name} did not answer`, first.sent);
    if (again !== undefined && !(await again(first))) return first;
    if (deadline.signal.aborted) return overdue(caller, `${name} did not answer`);
    return askOnce(watched, caller, deadline);
  }

  async function askOnce(
    request: ModelRequest,
    caller: AbortSignal,
    deadline: Deadline,
  ): Promise<ModelReply> {
    const pass = circuit.enter();
    if ("why" in pass) return tellAlone(name, pass);
    let reply: ModelReply | undefined;
    try {
      // An adapter comes back by itself when it is called off; one that does not is left to itself.
      reply = await deadline.within(model.ask(request, deadline.signal));
    } catch (error) {
      circuit.settle(pass, "nothing");
      throw error;
    }
    if (reply !== undefined && (reply.outcome !== "later" || !deadline.signal.aborted)) {
      if (reply.outcome === "later") circuit.settle(pass, "failed", reply.why);
      else circuit.settle(pass, "worked");
      return reply;
    }
    // Of one that does not come back nobody knows how far it came.
    const late = overdue(caller, `${name} did not answer`, reply === undefined ? true : reply.sent);
    if (caller.aborted) circuit.settle(pass, "nothing");
    else circuit.settle(pass, "failed", late.why);
    return late;
  }

  function overdue(
    caller: AbortSignal,
    what: string,
    sent?: true,
  ): Extract<ModelReply, { outcome: "later" }> {
    return {
      outcome: "later",
      ...(sent && { sent }),
      why: caller.aborted
        ? "The request was given up before it was answered."
        : `In ${Math.round(timeoutMs / 1_000)} s ${what}.`,
    };
  }

  return {
    ...model,
    ask,
    state() {
      const [oldest] = asked;
      return {
        isLeftAlone: circuit.leftAlone() !== undefined,
        ...places.state(),
        ...(oldest !== undefined && { oldestSinceMs: oldest.sinceMs }),
      };
    },
  };
}

const NAMES = { openai: "OpenAI", anthropic: "Anthropic", ollama: "Ollama", vllm: "vLLM" };

function tellAlone(name: string, { forMs, failures, why }: LeftAlone): ModelReply {
  const when = forMs > 0 ? `It is asked again in ${Math.ceil(forMs / 1_000)} s` : "It is being asked again";
  return {
    outcome: "later",
    why: `${name} failed ${failures} times in a row. ${when}. At last: ${why}`,
    ...(forMs > 0 && { afterMs: forMs }),
  };
}

async function pause(ms: number, { within }: Deadline, after: After): Promise<void> {
  let stop = () => {};
  await within(
    new Promise<void>((resolve) => {
      stop = after(ms, resolve);
    }),
  );
  stop();
}
