import type { Block } from "../../chat/card.ts";
import { confidenceWord } from "../answer.ts";
import { actionText } from "../warnings.ts";
import { type FollowUp, type Subject, text } from "./topic.ts";

export function tellAction({ answer }: FollowUp): Block[] {
  const { suggestedAction, lookAt = [] } = answer;
  const unshown = lookAt.length === 0 ? "" : ` These logs do not show: ${lookAt.join("; ")}.`;
  if (suggestedAction === undefined)
    return [
      text(`This evidence names no known kind of failure, so there is no action to suggest.${unshown}`),
    ];
  return [text([...actionText(suggestedAction), `${unshown} LogHunter itself changes nothing.`])];
}

/** Of the incident rather than of how sure the answer is: whoever asks why wants the evidence first. */
const ASKS_WHY = /\b(?:why|because|reasons?|warum|wieso|weshalb)\b/i;

/** Why the answer is what it is; of one thing, why it stands where it does. */
export function tellWhy({ pack, answer, question }: FollowUp, subject: Subject | undefined): Block[] {
  const blocks: Block[] = [];
  const number = subject?.numbers[0] ?? (answer.culprit === undefined ? undefined : answer.culprit + 1);
  const cluster = number === undefined ? undefined : pack.clusters[number - 1];
  if (cluster !== undefined) {
    blocks.push(
      text(
        `Evidence [${number}] of ${cluster.service} ranks ${number} of ${pack.clusters.length}: ${cluster.reasons.join("; ")}.`,
      ),
    );
  } else if (subject !== undefined) {
    blocks.push(text(`${subject.name} has no warning or error in this evidence that could be ranked.`));
  }
  if (subject !== undefined) return blocks;
  const sure = text([
    "Confidence is ",
    { strong: confidenceWord(answer.confidence) },
    ` (${answer.confidence.toFixed(2)}): ${answer.confidenceReasons.join("; ")}.`,
  ]);
  return ASKS_WHY.test(question) ? [...blocks, sure] : [sure, ...blocks];
}
