import type { Log } from "../../src/log.ts";

/** Says once that Redis went away and once that it is back, however many callers met it. */
export interface OutageLog {
  failed(error: unknown): void;
  over(): void;
  /** Says nothing any more: we are closing. */
  mute(): void;
}

export function createOutageLog(log: Log): OutageLog {
  let awaySinceMs: number | undefined;
  let muted = false;
  /** Refusals of a Redis that is there ("OOM", "NOPERM"): each is said once a connection. */
  const refusals = new Set<string>();

  return {
    failed(error) {
      const err = withoutArguments(error);
      if (muted) return;
      if (isRefusal(error)) {
        const code = err.message.split(" ", 1)[0] ?? "";
        if (refusals.has(code)) return;
        refusals.add(code);
        log.warn({ err: { message: err.message } }, "redis refuses a command; going on without it");
        return;
      }
      if (awaySinceMs !== undefined) return;
      awaySinceMs = performance.now();
      log.warn(
        { err: { message: err.message } },
        "redis is away; nothing is cached and limits are kept per process",
      );
    },
    over() {
      refusals.clear();
      if (awaySinceMs === undefined) return;
      log.info({ awayMs: Math.round(performance.now() - awaySinceMs) }, "redis is back");
      awaySinceMs = undefined;
    },
    mute() {
      muted = true;
    },
  };
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === "ReplyError" &&
    !/^(NOAUTH|WRONGPASS|LOADING)/.test(error.message)
  );
}

/** ioredis hangs the command and its arguments on the error: for AUTH the password, for SET what was cached. */
function withoutArguments(error: unknown): Error {
  const bare = new Error(error instanceof Error ? error.message : String(error));
  if (error instanceof Error) bare.name = error.name;
  return bare;
}
