import { setTimeout as sleep } from "node:timers/promises";
import type { Text } from "../chat/card.ts";
import { UserError } from "../errors.ts";
import { type Found, ill } from "./found.ts";

/** One thing that is looked at. */
export interface Check {
  /** A word or two: "database", "slack". */
  name: string;
  /** The name of a check before this one, without which it would fail for the same cause and say less of it. */
  standsOn?: string;
  /** What helps where it does not answer, and says no better itself. */
  fix: Text;
  /** @param signal aborted when nobody waits any longer */
  run(signal: AbortSignal): Promise<readonly Found[]>;
}

export interface Finding extends Omit<Found, "blocks"> {
  name: string;
}

type Named = Found & { name: string };

/**
 * Runs all at once, each for so long and no longer: one that fails or hangs hides none of the others, but those that stand on it. The
 * worst comes first.
 */
export async function runChecks(checks: readonly Check[], withinMs: number): Promise<Finding[]> {
  const running = new Map<string, Promise<Named[]>>();
  const all = await Promise.all(
    checks.map((check) => {
      const found = runAfter(running.get(check.standsOn ?? ""), check, withinMs);
      running.set(check.name, found);
      return found;
    }),
  );
  return all
    .flat()
    .map(({ blocks: _, ...finding }) => finding)
    .toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

async function runAfter(
  ground: Promise<Named[]> | undefined,
  check: Check,
  withinMs: number,
): Promise<Named[]> {
  const blocks = (await ground)?.find((one) => one.blocks !== undefined)?.blocks;
  if (blocks === undefined) return runOne(check, withinMs);
  const finding = `Not looked at: the ${blocks} has to be mended first.`;
  return [{ name: check.name, state: "unseen", finding, blocks }];
}

const ORDER: readonly Found["state"][] = ["failure", "warning", "unseen", "well"];

async function runOne(check: Check, withinMs: number): Promise<Named[]> {
  const over = new AbortController();
  const late = sleep(withinMs, undefined, { signal: over.signal }).then(
    () => {
      over.abort();
      return [lost(`No answer within ${withinMs / 1_000} s.`, check)];
    },
    () => [],
  );
  try {
    const found = await Promise.race([
      check.run(over.signal).catch((error: unknown) => [failed(error, check)]),
      late,
    ]);
    return found.map((one) => ({ name: check.name, ...one }));
  } finally {
    over.abort();
  }
}

/** Of an error that nobody wrote for people its kind alone is said: what it says may hold addresses, passwords and log lines. */
function failed(error: unknown, check: Check): Found {
  if (error instanceof UserError) return lost(error.message, check);
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  const kind = typeof code === "string" ? code : typeof name === "string" ? name : "unknown";
  return lost(`It could not be looked at (${kind.slice(0, 40)}).`, check);
}

function lost(told: string, { name, fix }: Check): Found {
  return { ...ill("failure", told, fix), blocks: name };
}
