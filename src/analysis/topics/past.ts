import type { Block, Inline } from "../../chat/card.ts";
import { evidenceItems } from "../../evidence/items.ts";
import { likeText, windowText } from "../words.ts";
import { type FollowUp, itemsBlock, text } from "./topic.ts";

/** Whether this was there before: analyses of the same errors, with what people said of them, and since when its line is known. */
export function tellPast({ pack, answer }: FollowUp): Block[] {
  const past = evidenceItems(pack).flatMap((item) => (item.kind === "past" ? [item] : []));
  const numbers = past.map(({ number }) => number);
  const cluster = pack.clusters[answer.culprit ?? 0];
  const known: Inline[] =
    cluster === undefined
      ? []
      : cluster.isNew
        ? [
            ` The line of ${cluster.service} [${(answer.culprit ?? 0) + 1}] is new: it was not seen before`,
            ...(cluster.like === undefined ? [] : ["; it is ", ...likeText(cluster.like)]),
            ".",
          ]
        : [` The line of ${cluster.service} [${(answer.culprit ?? 0) + 1}] was there before.`];
  if (numbers.length > 0)
    return [
      text([
        past.every((item) => item.past.isOfThisIncident)
          ? "Only this incident itself was looked into before."
          : "Yes: the same errors, or such as they resemble, were looked into before.",
        ...known,
      ]),
      itemsBlock(pack, numbers),
    ];
  return [
    text([
      "No analysis of the same errors is kept.",
      ...known,
      ...(cluster === undefined
        ? [" Read was ", ...windowText({ fromMs: pack.lookbackFromMs, toMs: pack.window.toMs }), "."]
        : []),
    ]),
  ];
}
