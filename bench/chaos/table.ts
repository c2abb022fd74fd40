import type { CaseResult } from "./run.ts";

const NAME_CHARS = 25;
const HEADS = ["asked", "ok", "told", "cut", "bad", "slow s", "posts", "lost", "dbl", "back s", " MB"];

/**
 * At most 80 columns. `ok`, `told`: asks that were answered, or told what to do instead; `cut`: that never arrived, as the platform
 * itself said; `bad`: whose answer nobody understands, and probes that came late; `slow`: the slowest answer; `posts`, `lost`, `dbl`: messages of alerts; `back`: from healing until nothing was owed.
 */
export function tableOf(cases: readonly CaseResult[]): string {
  const head = "".padEnd(NAME_CHARS) + HEADS.map((name) => ` ${name}`).join("");
  return [head, ...cases.map(rowOf)].join("\n");
}

function rowOf(one: CaseResult): string {
  const { fates, alerts, slowestMs, recoveredAfterMs, rssMb } = one;
  const { answered, told, unheard } = fates;
  const asked = Object.values(fates).reduce((sum, count) => sum + count, 0);
  const cells = [
    ...[
      asked,
      answered,
      told,
      unheard,
      badOf(one),
      seconds(slowestMs),
      alerts.messages,
      lostOf(one),
      doubledOf(one),
    ],
    ...[recoveredAfterMs === undefined ? "no" : seconds(recoveredAfterMs), rssMb],
  ];
  return (
    one.name.slice(0, NAME_CHARS).padEnd(NAME_CHARS) +
    cells.map((cell, at) => String(cell).padStart((HEADS[at]?.length ?? 0) + 1)).join("")
  );
}

export function badOf({ fates, lateProbes }: CaseResult): number {
  return fates.unclear + lateProbes;
}

/** Of asks and of alerts. */
export function lostOf({ fates, alerts }: CaseResult): number {
  return fates.silence + alerts.lost + alerts.wrongState + alerts.wrongNotified;
}

export function doubledOf({ fates, alerts }: CaseResult): number {
  return fates.twice + alerts.doubled;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
