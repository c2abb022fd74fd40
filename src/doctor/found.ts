import type { Text } from "../chat/card.ts";

/** What was found of one thing. */
export interface Found {
  /** `unseen`: it cannot be told from where it was looked at. */
  state: "failure" | "warning" | "well" | "unseen";
  finding: Text;
  /** The command or click that mends it. */
  fix?: Text;
  /** The name of what has to be mended before anything that stands on it can be looked at. */
  blocks?: string;
}

export function well(finding: Text): Found {
  return { state: "well", finding };
}

/**
 * A sentence about something that is not well. Those of adapters say what is wrong first and then what mends it: all but the
 * first sentence is that.
 * @param fix where it says nothing of that
 */
export function ill(state: "failure" | "warning", told: string, fix: Text): Found {
  const [, first, rest] = /^(.+?[.!?])\s+(?=["A-Z]|docs\/)(.+)$/s.exec(told.trim()) ?? [];
  const finding = first ?? told.trim();
  return { state, finding: /[.!?]$/.test(finding) ? finding : `${finding}.`, fix: rest ?? fix };
}

/** What a port says of its health: well with nothing to add, or what is to be mended. */
export function foundIn(
  { ok, summary, warnings }: { ok: boolean; summary: string; warnings: readonly string[] },
  fix: Text,
): Found[] {
  return [
    ok ? well(summary) : ill("failure", summary, fix),
    ...warnings.map((warning) => ill("warning", warning, fix)),
  ];
}
