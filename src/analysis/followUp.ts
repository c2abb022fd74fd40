import type { Block, Card } from "../chat/card.ts";
import { quoted } from "../chat/words.ts";
import { evidenceItems } from "../evidence/items.ts";
import type { Pack } from "../evidence/pack.ts";
import { absentService, missingNumber, subjectOf } from "./topics/subject.ts";
import { type FollowUp, text } from "./topics/topic.ts";
import { describeSubject, notUnderstood, TOPICS } from "./topics.ts";

/** Of more than this the rest is a log that was pasted, and no question. */
const QUESTION_CHARS = 500;

/** Whether there is more to say to it than that it was not understood. */
export function isUnderstood(followUp: FollowUp): boolean {
  const asked = askedIn(followUp);
  return (
    missingNumber(followUp.pack, asked) !== undefined ||
    absentService(followUp.pack, asked) !== undefined ||
    TOPICS.some(({ about }) => about.test(asked)) ||
    subjectOf(followUp) !== undefined
  );
}

/**
 * Answers a question in the thread without a model: from the same evidence, by what the question is
 * about. What it cannot answer it says, with what it can.
 */
export async function answerFollowUp(followUp: FollowUp): Promise<Card> {
  const asked = askedIn(followUp);
  const missing = missingNumber(followUp.pack, asked);
  if (missing !== undefined) return card(followUp, noSuchEvidence(followUp.pack, missing));
  const absent = absentService(followUp.pack, asked);
  if (absent !== undefined) return card(followUp, nothingOf(followUp.pack, absent));
  const topic = TOPICS.find(({ about }) => about.test(asked));
  const subject = topic === undefined || topic.ofOne ? subjectOf(followUp) : undefined;
  const blocks =
    topic !== undefined
      ? await topic.answer(followUp, subject)
      : subject !== undefined
        ? describeSubject(followUp, subject)
        : notUnderstood(followUp);
  return card(followUp, subject?.isInherited ? about(subject.name, blocks) : blocks);
}

function askedIn({ question }: FollowUp): string {
  return question.trim().slice(0, QUESTION_CHARS).toLowerCase();
}

/** What was taken from the question before is said: nobody has to guess what an answer is about. */
function about(name: string, [first, ...others]: Block[]): Block[] {
  const says = `About ${name}: `;
  if (first?.kind !== "text")
    return [text(says.trimEnd()), ...(first === undefined ? [] : [first]), ...others];
  return [text(typeof first.text === "string" ? says + first.text : [says, ...first.text]), ...others];
}

function noSuchEvidence(pack: Pack, number: number): Block[] {
  const count = evidenceItems(pack).length;
  const there =
    count === 0 ? "there is none" : count === 1 ? "there is [1] only" : `there are [1] to [${count}]`;
  return [text(`There is no evidence [${number}]: ${there}.`)];
}

function nothingOf(pack: Pack, service: string): Block[] {
  const services = [...new Set(evidenceItems(pack).map((item) => item.service))];
  return [
    text([
      `This evidence has nothing of ${service}. ${services.length === 0 ? "" : `It is of ${services.join(", ")}. `}Its lines are shown by `,
      { code: `errors ${quoted(service)}` },
      ".",
    ]),
  ];
}

function card({ pack }: FollowUp, body: Block[]): Card {
  return {
    title: pack.service,
    tone: "neutral",
    body,
    footnote: "Built-in analyzer, from the evidence of this thread.",
  };
}
