import type { Card } from "../chat/card.ts";
import type { Pack } from "../evidence/pack.ts";
import type { Answer } from "./answer.ts";
import { analysisCard } from "./card.ts";
import { warningOf } from "./warnings.ts";

/** What the evidence says by itself, while a model is asked what it makes of it. */
export function askingCard(pack: Pack, builtin: Answer, asked: string, conversationId: string): Card {
  const { actions: _, ...card } = analysisCard(pack, builtin, { conversationId });
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
          { label: `Asking ${asked}`, state: "now" },
          { label: "Checking its answer against the evidence", state: "next" },
        ],
      },
      ...card.body,
    ],
    footnote: `What stands here is the built-in analyzer's answer, until ${asked} has answered.`,
  };
}

/** Under a question in the thread, while a model is asked. @param soFar what of its answer is there already */
export function thinkingCard(service: string, asked: string, soFar = "", lookingUp?: string): Card {
  return {
    title: service,
    tone: "working",
    badge: "WORKING",
    body: [
      ...(soFar === "" ? [] : [{ kind: "text" as const, text: [...warningOf(soFar), soFar] }]),
      {
        kind: "progress",
        steps: [
          { label: lookingUp === undefined ? `Asking ${asked}` : `Looking up ${lookingUp}`, state: "now" },
        ],
      },
    ],
  };
}
