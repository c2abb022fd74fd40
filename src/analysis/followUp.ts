import type { Block, Card } from "../chat/card.ts";
import { evidenceItems } from "../evidence/items.ts";
import type { Pack } from "../evidence/pack.ts";
import { describeSubject, type FollowUp, type Subject, TOPICS, whatICanAnswer } from "./topics.ts";

/**
 * Answers a question in the thread without a model: from the same evidence, by what the question is
 * about. What it cannot answer it says, with what it can.
 */
export async function answerFollowUp(followUp: FollowUp): Promise<Card> {
  const asked = followUp.question.toLowerCase();
  const missing = missingNumber(followUp.pack, asked);
  if (missing !== undefined) return card(followUp, noSuchEvidence(followUp.pack, missing));
  const subject = subjectOf(followUp);
  for (const topic of TOPICS) {
    if (topic.about.test(asked)) return card(followUp, await topic.answer(followUp, subject));
  }
  if (subject !== undefined && subjectIn(followUp.pack, asked) !== undefined) {
    return card(followUp, describeSubject(followUp, subject));
  }
  return card(followUp, whatICanAnswer(followUp));
}

/** A number that was asked for and that no evidence has. */
function missingNumber(pack: Pack, text: string): number | undefined {
  const found = /(?:\[|#|\bevidence |\bnumber )\s?(-?\d{1,9})\b/.exec(text)?.[1];
  const number = Number(found);
  return found === undefined || (number >= 1 && number <= evidenceItems(pack).length) ? undefined : number;
}

function noSuchEvidence(pack: Pack, number: number): Block[] {
  const count = evidenceItems(pack).length;
  const there =
    count === 0 ? "there is none" : count === 1 ? "there is [1] only" : `there are [1] to [${count}]`;
  return [{ kind: "text", text: `There is no evidence [${number}]: ${there}.` }];
}

function subjectOf({ pack, turns, question }: FollowUp): Subject | undefined {
  const named = subjectIn(pack, question.toLowerCase());
  if (named !== undefined) return named;
  // "and why that one?": what the person last named, newest first.
  for (const turn of [...turns].reverse()) {
    const earlier = turn.author === "person" ? subjectIn(pack, turn.body.toLowerCase()) : undefined;
    if (earlier !== undefined) return earlier;
  }
  return undefined;
}

function subjectIn(pack: Pack, text: string): Subject | undefined {
  const number = Number(
    /(?:\[|#|\bevidence |\bnumber |\bno\.? ?)(\d{1,2})\b/.exec(text)?.[1] ??
      /^\D{0,3}(\d{1,2})\D{0,2}$/.exec(text)?.[1],
  );
  if (number >= 1 && number <= evidenceItems(pack).length)
    return { name: `evidence [${number}]`, numbers: [number] };
  const words = new Set(text.split(/[^a-z0-9_.-]+/).map((word) => word.replace(/[.-]+$/, "")));
  const services = new Set([pack.service, ...pack.clusters.map((cluster) => cluster.service)]);
  for (const service of services) {
    if (words.has(service.toLowerCase())) return { name: service, numbers: numbersOf(pack, service) };
  }
  return undefined;
}

function numbersOf(pack: Pack, service: string): number[] {
  return pack.clusters.flatMap((cluster, at) => (cluster.service === service ? [at + 1] : []));
}

function card({ pack }: FollowUp, body: Block[]): Card {
  return {
    title: pack.service,
    tone: "neutral",
    body,
    footnote: "Built-in analyzer, from the evidence of this thread.",
  };
}
