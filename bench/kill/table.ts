import type { PhaseResult } from "./run.ts";

const COLUMNS: readonly [head: string, key: Exclude<keyof PhaseResult, "name" | "troubles">][] = [
  ["kills", "kills"],
  ["episodes", "episodes"],
  ["messages", "messages"],
  ["lost", "lost"],
  ["double", "doubled"],
  ["state", "wrongState"],
  ["told", "wrongNotified"],
];
const NAME_CHARS = 32;

/** At most 80 columns. `state` and `told`: how many show or say something else than they should. */
export function tableOf(phases: readonly PhaseResult[]): string {
  const head = "".padEnd(NAME_CHARS) + COLUMNS.map(([name]) => name.padStart(name.length + 1)).join("");
  const rows = phases.map(
    (phase) =>
      phase.name.padEnd(NAME_CHARS) +
      COLUMNS.map(([name, key]) => String(phase[key]).padStart(name.length + 1)).join(""),
  );
  return [head, ...rows].join("\n");
}

export function sumOf(phases: readonly PhaseResult[]): PhaseResult {
  const sum = (key: Exclude<keyof PhaseResult, "name" | "troubles">) =>
    phases.reduce((total, phase) => total + phase[key], 0);
  return {
    name: "all",
    kills: sum("kills"),
    episodes: sum("episodes"),
    messages: sum("messages"),
    lost: sum("lost"),
    doubled: sum("doubled"),
    wrongState: sum("wrongState"),
    wrongNotified: sum("wrongNotified"),
    troubles: [],
  };
}
