import type { Block } from "../chat/card.ts";
import { inlineText } from "../chat/plainText.ts";
import { evidenceItems } from "../evidence/items.ts";
import type { Pack } from "../evidence/pack.ts";
import type { Answer } from "./answer.ts";
import { evidenceOrder } from "./evidenceCard.ts";
import { alternatives, statement } from "./statement.ts";

/** Evidence items shown on a card at least; the others are a question in the thread away. */
const SHOWN_EVIDENCE = 5;

/**
 * The evidence that an answer's card lists: everything its sentences cite, however much that is, because a number without what
 * it stands for proves nothing; and then what comes next.
 */
export function shownEvidence(pack: Pack, answer: Answer): number[] {
  const order = evidenceOrder(pack, answer);
  const cited = citedIn([...statement(pack, answer), ...alternatives(answer)], evidenceItems(pack).length);
  const rest = order.filter((number) => !cited.has(number));
  const shown = new Set([...cited, ...rest.slice(0, Math.max(0, SHOWN_EVIDENCE - cited.size))]);
  const others = [...cited].sort((a, b) => a - b);
  return [...new Set([...order, ...others])].filter((number) => shown.has(number));
}

/** When the first of what the card shows began: of something that nobody can see it would only puzzle. */
export function beganOf(pack: Pack, answer: Answer): number | undefined {
  const onsets = shownEvidence(pack, answer).flatMap((number) => pack.clusters[number - 1]?.onsetMs ?? []);
  return onsets.length === 0 ? undefined : Math.min(...onsets);
}

function citedIn(blocks: readonly Block[], count: number): Set<number> {
  const text = blocks.map((block) => (block.kind === "text" ? inlineText(block.text) : "")).join("\n");
  const numbers = [...text.matchAll(/\[(\d{1,3})\]/g)].map(([, digits]) => Number(digits));
  return new Set(numbers.filter((number) => number >= 1 && number <= count));
}
