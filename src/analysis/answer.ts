import type { Text } from "../chat/card.ts";
import type { Provider } from "../models/languageModel.ts";

/** A root cause, or the statement that these logs do not show one. */
export interface Answer {
  provider: "builtin" | Provider;
  model: string;
  /** One sentence; what `analysis_results.root_cause` keeps. */
  rootCause: string;
  /** A few sentences: how it unfolded. */
  summary: Text;
  /** Text; what stands between backticks in it is a command to copy, which no log has had a part in. */
  suggestedAction?: string;
  /** 0 to 1, already capped by what kind of evidence there is. */
  confidence: number;
  /** Before it was fitted to what people said of earlier answers; absent where it was not. */
  statedConfidence?: number;
  /** The most that what it quotes allows, whatever was said of earlier answers; absent where its kind of evidence is all that does. */
  mostConfidence?: number;
  /** Why the confidence is what it is, for people. */
  confidenceReasons: string[];
  /** Index into the pack's clusters of the one the cause is about; absent when the answer is "not enough evidence". */
  culprit?: number;
  /** Evidence numbers in the order they matter: [1] is the first cluster of the pack. */
  cites: number[];
  /** All that were considered, the root cause first; a model's only. */
  hypotheses?: Hypothesis[];
  /** What logs cannot show and somebody should look at. */
  lookAt?: string[];
  /** What a model thinks, where the built-in analyzer is surer and leads. */
  second?: Hypothesis & { by: string };
  /** Whom the built-in analyzer answers for, where a model was asked and gave nothing that holds. */
  insteadOf?: string;
  /** What the built-in analyzer says of the same evidence, beside a model's answer. */
  computed?: { rootCause: string; confidence: number };
  /** How a model's answer came about, or why there is none, for people. */
  note?: string;
}

export interface Hypothesis {
  cause: string;
  /** Evidence numbers. */
  for: number[];
  against: number[];
  confidence: number;
}

/** Confidence in words, beside which the number is never shown alone. */
export function confidenceWord(confidence: number): string {
  if (confidence >= 0.8) return "high";
  if (confidence >= 0.5) return "medium";
  if (confidence >= 0.3) return "low";
  return "very low";
}
