import { altText } from "../charts/alt.ts";
import type { Block, Inline } from "../chat/card.ts";
import { evidenceItems, textsOf } from "../evidence/items.ts";
import { chartOf } from "./errorChart.ts";
import { beganOf } from "./shownEvidence.ts";
import { tellAffected } from "./topics/affected.ts";
import { tellDeploys } from "./topics/deploys.ts";
import { tellNow } from "./topics/now.ts";
import { tellPast } from "./topics/past.ts";
import { tellAction, tellWhy } from "./topics/reasons.ts";
import { tellTimeline } from "./topics/timeline.ts";
import { type FollowUp, itemsBlock, type Subject, type Topic, text } from "./topics/topic.ts";

/**
 * The first whose words are in the question answers it; a number or a service in the question says of what. After the English
 * words the German ones: people ask in the language they are woken in, and are answered in English.
 */
export const TOPICS: readonly Topic[] = [
  {
    about: /^\W*(?:help|hilfe|what can (?:i|you|we) (?:ask|answer|say)\b.*)\W*$/,
    answer: (followUp) => whatICanAnswer(followUp),
  },
  {
    about: anyOf(
      "(?:have|has|had|did|seen|saw|happen(?:ed)?|known|was)\\b.*\\b(?:before(?! (?:the|that|it|this)\\b)|already|earlier|previously|in the past)",
      "last time|recurr\\w+|history|previous (?:analys[ei]s|incidents?|times?)",
      "schon (?:ein)?mal|schonmal|früher|letztes mal",
    ),
    answer: tellPast,
  },
  {
    about: anyOf(
      "fix|mitigate|solve|action|next steps?|should (?:i|we)|roll(?:ing)? ?back",
      "do(?! (?:you|they|these|those|the)\\b)",
      "tun|beheben|lösung|machen",
    ),
    answer: (followUp) => (isAboutElse(followUp) ? notUnderstood(followUp) : tellAction(followUp)),
  },
  {
    about: anyOf("deploy\\w*|release\\w*|version|rollout|changed?", "ausgerollt|geändert"),
    answer: tellDeploys,
  },
  {
    about: anyOf("now|still|over|recovered|currently|better", "vorbei|jetzt|erledigt"),
    ofOne: true,
    answer: tellNow,
  },
  {
    about: anyOf(
      "when|start(?:ed|s)?|began|begin|begun|since|first|timeline|order|happened|next",
      "wann|zuerst|seit|begann|angefangen|reihenfolge",
    ),
    ofOne: true,
    answer: tellTimeline,
  },
  {
    about: anyOf("affected|impact|others?|services|else|who|spread|blast", "betroffen\\w*|wer|dienste"),
    answer: tellAffected,
  },
  {
    about: anyOf("sure|certain|confiden\\w+|why|because|reason\\w*", "sicher|warum|wieso|weshalb"),
    ofOne: true,
    answer: tellWhy,
  },
  {
    about: anyOf("chart|graph|picture|trend", "diagramm|kurve"),
    answer: ({ pack, answer }) => {
      const chart = chartOf(pack, beganOf(pack, answer));
      return [{ kind: "chart", chart, alt: altText(chart) }];
    },
  },
  {
    about: /\b(?:all|every|evidence|list|more|alle|mehr)\b(?!.*\d)/,
    ofOne: true,
    answer: (followUp, subject) =>
      subject === undefined
        ? [
            itemsBlock(
              followUp.pack,
              evidenceItems(followUp.pack).map(({ number }) => number),
            ),
          ]
        : describeSubject(followUp, subject),
  },
  {
    about: anyOf("show|lines?|logs?|logged|samples?|message|stack|trace|details?", "zeig\\w*|zeilen"),
    ofOne: true,
    answer: (followUp, subject) => describeSubject(followUp, subject ?? culpritSubject(followUp)),
  },
];

/** Any of these as a word of its own, in a question in lower case; `\b` knows no umlauts. */
function anyOf(...words: string[]): RegExp {
  return new RegExp(`(?<![\\p{L}\\d_])(?:${words.join("|")})(?![\\p{L}\\d_])`, "u");
}

/** "… about the weather": what is named after "about" stands nowhere in the evidence. */
function isAboutElse({ pack, question }: FollowUp): boolean {
  const named = /\babout\s+(?:(?:the|a|an|all|our|my|your|these|those)\s+)*([\p{L}\d_.-]{3,})/iu.exec(
    question,
  )?.[1];
  if (named === undefined || OF_ANY_INCIDENT.test(named)) return false;
  const said = evidenceItems(pack).flatMap((item) => [item.service, ...textsOf(item)]);
  return ![pack.service, ...said].some((text) => text.toLowerCase().includes(named.toLowerCase()));
}

const OF_ANY_INCIDENT =
  /^(?:this|that|these|those|them|they|everything|errors?|failures?|faults?|incidents?|alerts?|anomal\w+|problems?|issues?|outages?|lines?|logs?|evidence|causes?|services?|database|deploys?\w*|warnings?)$/i;

function culpritSubject({ pack, answer }: FollowUp): Subject {
  const number = (answer.culprit ?? 0) + 1;
  return pack.clusters.length === 0
    ? { name: pack.service, numbers: [] }
    : { name: `evidence [${number}]`, numbers: [number] };
}

export function describeSubject({ pack }: FollowUp, subject: Subject): Block[] {
  if (subject.numbers.length === 0)
    return [text(`${subject.name} logged no warning or error that is part of this evidence.`)];
  return [itemsBlock(pack, subject.numbers.slice(0, 5), 20)];
}

/** Where a question was not understood: that, and what can be asked. */
export function notUnderstood(followUp: FollowUp): Block[] {
  return whatICanAnswer(followUp, "I did not understand that. ");
}

function whatICanAnswer({ pack }: FollowUp, before = ""): Block[] {
  const other = pack.clusters.find((cluster) => cluster.service !== pack.service)?.service ?? pack.service;
  const questions = [
    "what happened first",
    "who is affected",
    `what about ${other}`,
    "was it a deploy",
    "did we have this before",
    "how sure are you",
    "what should I do",
    "is it over",
  ];
  const listed = questions.flatMap((question, at): Inline[] => [at === 0 ? "" : ", ", { code: question }]);
  return [text([`${before}Without a model I answer from this evidence only. Ask: `, ...listed, "."])];
}
