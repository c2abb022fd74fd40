import { setTimeout as sleep } from "node:timers/promises";
import type { Text } from "../chat/card.ts";
import { UserError } from "../errors.ts";
import { type Found, ill } from "./found.ts";

/** One thing that is looked at. */
export interface Check {
  /** A word or two: "database", "slack". */
  name: string;
  /** What helps where it does not answer, and says no better itself. */
  fix: Text;
  /** @param signal aborted when nobody waits any longer */
  run(signal: AbortSignal): Promise<readonly Found[]>;
}

export interface Finding extends Found {
  name: string;
}

/** Runs all at once, each for so long and no longer: one that fails or hangs hides none of the others. The worst comes first. */
export async function runChecks(checks: readonly Check[], withinMs: number): Promise<Finding[]> {
  const all = await Promise.all(checks.map((check) => runOne(check, withinMs)));
  return all.flat().toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

const ORDER: readonly Found["state"][] = ["failure", "warning", "unseen", "well"];

async function runOne(check: Check, withinMs: number): Promise<Finding[]> {
  const over = new AbortController();
  const late = sleep(withinMs, undefined, { signal: over.signal }).then(
    () => {
      over.abort();
      return [ill("failure", `No answer within ${withinMs / 1_000} s.`, check.fix)];
    },
    () => [],
  );
  try {
    const found = await Promise.race([
      check.run(over.signal).catch((error: unknown) => [failed(error, check.fix)]),
      late,
    ]);
    return found.map((one) => ({ name: check.name, ...one }));
  } finally {
    over.abort();
  }
}

/** Of an error that nobody wrote for people its kind alone is said: what it says may hold addresses, passwords and log lines. */
function failed(error: unknown, fix: Text): Found {
  if (error instanceof UserError) return ill("failure", error.message, fix);
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  const kind = typeof code === "string" ? code : typeof name === "string" ? name : "unknown";
  return { state: "failure", finding: `It could not be looked at (${kind.slice(0, 40)}).`, fix };
}
