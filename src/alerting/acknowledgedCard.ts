import { ACKNOWLEDGE } from "../anomalies/card.ts";
import type { Card, Fact } from "../chat/card.ts";
import type { Acknowledgement } from "./acknowledgements.ts";

/** The card of an episode, with who looks into it and since when, and no button to say so again. */
export function withAcknowledgement(card: Card, { by, atMs }: Acknowledgement): Card {
  const fact: Fact = { label: "Acknowledged", value: [`${by}, `, { atMs, show: "time" }] };
  const at = card.body.findIndex(({ kind }) => kind === "facts");
  const actions = card.actions?.filter(({ action }) => action.name !== ACKNOWLEDGE);
  return {
    ...card,
    body: card.body.map((block, each) =>
      each === at && block.kind === "facts" ? { ...block, facts: [...block.facts, fact] } : block,
    ),
    ...(actions !== undefined && { actions }),
  };
}
