import type { Card, Text } from "../chat/card.ts";
import type { Pack } from "../evidence/pack.ts";
import type { Standing } from "../models/languageModel.ts";
import type { Answer } from "./answer.ts";
import { type AnswerRefs, analysisCard } from "./card.ts";
import { warningOf } from "./warnings.ts";
import { countOf, duration } from "./words.ts";

/** What of the built-in answer's buttons would only say that the cause is still being looked for. */
const LOOK_AGAIN = "again";

/** What the evidence says by itself, while a model is asked what it makes of it, or waited for. */
export function askingCard(
  pack: Pack,
  builtin: Answer,
  { asked, standing, ...refs }: AnswerRefs & { asked: string; standing: Standing },
): Card {
  const { actions = [], ...card } = analysisCard(pack, builtin, refs);
  return {
    ...card,
    // Not what it is found to be until it is.
    title: `${pack.service}: looking for the cause`,
    tone: "working",
    badge: "WORKING",
    body: [
      {
        kind: "progress",
        steps: [
          { label: "Evidence gathered and ranked", state: "done" },
          { label: standingText(asked, standing), state: "now" },
          { label: "Checking its answer against the evidence", state: "next" },
        ],
      },
      ...card.body,
    ],
    actions: actions.filter(({ action }) => action.name !== LOOK_AGAIN),
    footnote: `What stands here is the built-in analyzer's answer, until ${asked} has answered; so it is with questions in the thread.`,
  };
}

/** `Asking ollama qwen3:14b, since 05:27:53, for 5 min at most` */
export function standingText(asked: string, standing: Standing): Text {
  if (standing.state === "waiting")
    return `Waiting for ${asked}: ${countOf(standing.before, "request", "requests")} before this one`;
  const { sinceMs, forMs } = standing;
  return [`Asking ${asked}, since `, { atMs: sinceMs, show: "time" }, `, for ${duration(forMs)} at most`];
}

export interface Thinking {
  asked: string;
  /** What of its answer is there already. */
  soFar?: string;
  lookingUp?: string | undefined;
  /** Absent until it is known. */
  standing?: Standing | undefined;
}

/** Under a question in the thread, while a model is asked. */
export function thinkingCard(service: string, { asked, soFar = "", lookingUp, standing }: Thinking): Card {
  const label =
    lookingUp !== undefined
      ? `Looking up ${lookingUp}`
      : standing === undefined
        ? `Turning to ${asked}`
        : standingText(asked, standing);
  return {
    title: service,
    tone: "working",
    badge: "WORKING",
    body: [
      ...(soFar === "" ? [] : [{ kind: "text" as const, text: [...warningOf(soFar), soFar] }]),
      { kind: "progress", steps: [{ label, state: "now" }] },
    ],
  };
}
