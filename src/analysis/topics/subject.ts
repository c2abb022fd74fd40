import { evidenceItems } from "../../evidence/items.ts";
import type { Pack } from "../../evidence/pack.ts";
import type { Turn } from "../turns.ts";
import type { FollowUp, Subject } from "./topic.ts";

/** Questions that speak of something they do not name: "and since when?", "its lines?", "more", "why?". All others are about the incident. */
const SPEAKS_OF_SOMETHING: readonly RegExp[] = [
  /^(?:and|und)\b/,
  /\b(?:its|their|theirs|deren|dessen)\b/,
  /\b(?:that|this|the same) (?:one|service|cluster|line|error)\b/,
  /^(?:\W|and|but|ok|so|und)*(?:why|how come|warum|wieso)\W*$/,
  /^(?:\W|and|but|ok|so|und|show|give|see|me|the|some|please|zeig|mehr)*(?:more|details?|lines?|logs?|samples?|stack|trace|mehr|zeilen)\W*$/,
];

/**
 * What a question is about: what it names, or, where it speaks of something without a name, what the person named just before.
 * @returns `isInherited` where it is taken from before; undefined where it is about the incident as a whole
 */
export function subjectOf({
  pack,
  turns,
  question,
}: FollowUp): (Subject & { isInherited: boolean }) | undefined {
  const named = subjectIn(pack, question.toLowerCase());
  if (named !== undefined) return { ...named, isInherited: false };
  if (!speaksOfSomething(question)) return undefined;
  const earlier = namedBefore(pack, turns);
  return earlier && { ...earlier, isInherited: true };
}

function namedBefore(pack: Pack, turns: readonly Turn[]): Subject | undefined {
  for (const { author, body } of [...turns].reverse()) {
    if (author !== "person") continue;
    const named = subjectIn(pack, body.toLowerCase());
    // A question about the incident ends what was spoken of before.
    if (named !== undefined || !speaksOfSomething(body)) return named;
  }
  return undefined;
}

function speaksOfSomething(question: string): boolean {
  const asked = question.trim().toLowerCase();
  return SPEAKS_OF_SOMETHING.some((pattern) => pattern.test(asked));
}

/** A number that was asked for and that no evidence has. */
export function missingNumber(pack: Pack, text: string): number | undefined {
  const found = /(?:\[|#|\bevidence |\bnumber )\s?(-?\d{1,9})\b/.exec(text)?.[1];
  const number = Number(found);
  return found === undefined || (number >= 1 && number <= evidenceItems(pack).length) ? undefined : number;
}

/** A service that was asked for by name and has no part in the evidence: "what did web log?". */
export function absentService(pack: Pack, text: string): string | undefined {
  const name =
    /\bwhat (?:did|does|is) (?:the )?([a-z0-9][\w.-]{0,40}) (?:log|logging|say|saying|write|writing)\b/.exec(
      text,
    )?.[1];
  return name === undefined || PRONOUNS.has(name) || subjectIn(pack, text) !== undefined ? undefined : name;
}

const PRONOUNS = new Set([
  "it",
  "he",
  "she",
  "they",
  "we",
  "you",
  "i",
  "that",
  "this",
  "everybody",
  "everyone",
  "all",
  "others",
]);

/** @param text in lower case */
export function subjectIn(pack: Pack, text: string): Subject | undefined {
  const items = evidenceItems(pack);
  const number = Number(
    /(?:\[|#|\bevidence |\bnumber |\bno\.? ?)(\d{1,2})\b/.exec(text)?.[1] ??
      /^\D{0,3}(\d{1,2})\D{0,2}$/.exec(text)?.[1],
  );
  if (number >= 1 && number <= items.length) return { name: `evidence [${number}]`, numbers: [number] };
  const words = new Set(text.split(/[^a-z0-9_.-]+/).map((word) => word.replace(/[.-]+$/, "")));
  const services = new Set([pack.service, ...items.map(({ service }) => service)]);
  for (const service of services) {
    if (!words.has(service.toLowerCase())) continue;
    const own = items.filter((item) => item.service === service && item.kind !== "past");
    return { name: service, numbers: own.map((item) => item.number) };
  }
  return undefined;
}
