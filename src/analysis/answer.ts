import type { Text } from "../chat/card.ts";

/** A root cause, or the statement that these logs do not show one. */
export interface Answer {
  provider: "builtin";
  model: string;
  /** One sentence; what `analysis_results.root_cause` keeps. */
  rootCause: string;
  /** A few sentences: how it unfolded. */
  summary: Text;
  suggestedAction?: string;
  /** 0 to 1, already capped by what kind of evidence there is. */
  confidence: number;
  /** Why the confidence is what it is, for people. */
  confidenceReasons: string[];
  /** Index into the pack's clusters of the one the cause is about; absent when the answer is "not enough evidence". */
  culprit?: number;
  /** Evidence numbers in the order they matter: [1] is the first cluster of the pack. */
  cites: number[];
}

/** Confidence in words, beside which the number is never shown alone. */
export function confidenceWord(confidence: number): string {
  if (confidence >= 0.8) return "high";
  if (confidence >= 0.5) return "medium";
  if (confidence >= 0.3) return "low";
  return "very low";
}
