import { ACKNOWLEDGE } from "../anomalies/card.ts";
import type { Card, Fact } from "../chat/card.ts";
import type { Acknowledgement } from "./acknowledgements.ts";

/** The card of an episode, with who looks into it and since when, and no button to say so again. */
export function withAcknowledgement(card: Card, { by, atMs }: Acknowledgement): Card {
  const actions = card.actions?.filter(({ action }) => action.name !== ACKNOWLEDGE);
  return {
    ...withFact(card, { label: "Acknowledged", value: [`${by}, `, { atMs, show: "time" }] }),
    ...(actions !== undefined && { actions }),
  };
}

/** The card with one more of its first facts. */
export function withFact(card: Card, fact: Fact): Card {
  const at = card.body.findIndex(({ kind }) => kind === "facts");
  return {
    ...card,
    body: card.body.map((block, each) =>
      each === at && block.kind === "facts" ? { ...block, facts: [...block.facts, fact] } : block,
    ),
  };
}
