import { ACKNOWLEDGE } from "../anomalies/card.ts";
import type { Card, Fact, Inline } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";

/** What somebody did about an incident, as its message shows it. */
export interface Mark {
  kind: keyof typeof LABELS;
  by: string;
  atMs: number;
  /** Of what is muted: until when, and which of its services. */
  muted?: { untilMs: number; services: readonly string[] };
}

const LABELS = {
  acknowledged: "Acknowledged",
  muted: "Muted",
  right: "Right",
  "no anomaly": "Not an anomaly",
} as const;

/** The card of an incident with who did what and when, instead of what it said of that before. */
export function withMarks(card: Card, marks: readonly Mark[]): Card {
  const labels: readonly string[] = Object.values(LABELS);
  const isAcknowledged = marks.some(({ kind }) => kind === "acknowledged");
  const actions = card.actions?.filter(({ action }) => !isAcknowledged || action.name !== ACKNOWLEDGE);
  const shown = withFacts(card, (facts) => [
    ...facts.filter(({ label }) => !labels.includes(label)),
    ...marks.map(factOf),
  ]);
  return { ...shown, ...(actions !== undefined && { actions }) };
}

function factOf({ kind, by, atMs, muted }: Mark): Fact {
  const value: Inline[] = [`${by}, `, { atMs, show: "time" }];
  if (muted === undefined) return { label: LABELS[kind], value };
  const services = muted.services.map(shownName).join(", ");
  return {
    label: LABELS[kind],
    value: [...value, ", until ", { atMs: muted.untilMs, show: "date and time" }, ` (${services})`],
  };
}

/** The card with its first facts changed. */
export function withFacts(card: Card, change: (facts: Fact[]) => Fact[]): Card {
  const at = card.body.findIndex(({ kind }) => kind === "facts");
  return {
    ...card,
    body: card.body.map((block, each) =>
      each === at && block.kind === "facts" ? { ...block, facts: change(block.facts) } : block,
    ),
  };
}
