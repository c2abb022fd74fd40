import { altText } from "../charts/alt.ts";
import type { Block, Inline } from "../chat/card.ts";
import { evidenceItems } from "../evidence/items.ts";
import type { Pack } from "../evidence/pack.ts";
import { type Answer, confidenceWord } from "./answer.ts";

import { chartOf } from "./errorChart.ts";
import { EVENT_WORDS, evidenceItem } from "./evidenceCard.ts";
import type { Turn } from "./turns.ts";
import { countOf, duration, windowText } from "./words.ts";

export interface FollowUp {
  pack: Pack;
  answer: Answer;
  /** What was said before, oldest first. */
  turns: readonly Turn[];
  question: string;
  /** Errors of a service in each whole minute since then, read when a question is about now. */
  errorsSince(service: string): Promise<number[]>;
}

/** Evidence numbers, all of one service or the one the talk was last about. */
export interface Subject {
  name: string;
  numbers: number[];
}

export interface Topic {
  about: RegExp;
  answer(followUp: FollowUp, subject: Subject | undefined): Block[] | Promise<Block[]>;
}

/** The first whose words are in the question answers it; a number or a service in the question says of what. */
export const TOPICS: readonly Topic[] = [
  { about: /\b(now|still|over|recovered|currently|better)\b/, answer: tellNow },
  { about: /\b(when|start(ed)?|began|begin|since|first|timeline|order)\b/, answer: tellTimeline },
  { about: /\b(deploy\w*|release\w*|version|rollout|changed?)\b/, answer: tellDeploys },
  { about: /\b(fix|do|action|mitigate|solve|next|help)\b/, answer: tellAction },
  { about: /\b(sure|certain|confiden\w+|why|because|reason\w*)\b/, answer: tellWhy },
  { about: /\b(affected|impact|others?|services|else|who|spread|blast)\b/, answer: tellAffected },
  { about: /\b(chart|graph|picture|trend)\b/, answer: ({ pack }) => [chartBlock(pack)] },
  {
    about: /\b(all|every|evidence|list)\b(?!.*\d)/,
    answer: ({ pack }) => [
      itemsBlock(
        pack,
        evidenceItems(pack).map(({ number }) => number),
      ),
    ],
  },
  {
    about: /\b(show|lines?|logs?|samples?|message|stack|trace)\b/,
    answer: (followUp, subject) => describeSubject(followUp, subject ?? culpritSubject(followUp)),
  },
];

function culpritSubject({ pack, answer }: FollowUp): Subject {
  const number = (answer.culprit ?? 0) + 1;
  return pack.clusters.length === 0
    ? { name: pack.service, numbers: [] }
    : { name: `evidence [${number}]`, numbers: [number] };
}

export function describeSubject({ pack }: FollowUp, subject: Subject): Block[] {
  if (subject.numbers.length === 0) {
    return [text([`${subject.name} logged no warning or error that is part of this evidence.`])];
  }
  return [itemsBlock(pack, subject.numbers.slice(0, 5), 20)];
}

async function tellNow(
  { pack, answer, errorsSince }: FollowUp,
  subject: Subject | undefined,
): Promise<Block[]> {
  const culprit = answer.culprit === undefined ? undefined : pack.clusters[answer.culprit];
  const service = pack.clusters[(subject?.numbers[0] ?? 0) - 1]?.service ?? culprit?.service ?? pack.service;
  const counts = await errorsSince(service);
  const minutes = counts.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (minutes === 0)
    return [text([`Too little time has passed since then to say anything new about ${service}.`])];
  const lastMinutes = counts.slice(-5);
  const rate = lastMinutes.reduce((sum, count) => sum + count, 0) / lastMinutes.length;
  return [
    text([
      total === 0
        ? `${service} has logged no error since.`
        : `${service} has logged ${countOf(total, "error", "errors")} since, `,
      ...(total === 0
        ? []
        : [
            { strong: `${rate.toFixed(1)} a minute` },
            ` in the last ${countOf(lastMinutes.length, "minute", "minutes")}.`,
          ]),
    ]),
  ];
}

function tellTimeline({ pack }: FollowUp, subject: Subject | undefined): Block[] {
  const chosen = subject?.numbers ?? pack.clusters.map((_, at) => at + 1);
  const happened = [
    ...chosen.flatMap((number) => {
      const cluster = pack.clusters[number - 1];
      return cluster?.onsetMs === undefined
        ? []
        : [{ atMs: cluster.onsetMs, what: `${cluster.service} began to log [${number}]` }];
    }),
    ...(subject === undefined
      ? evidenceItems(pack).flatMap((item) => {
          const { number, service } = item;
          if (item.kind === "deploy")
            return [
              { atMs: item.deploy.atMs, what: `${service} ${item.deploy.version} was deployed [${number}]` },
            ];
          if (item.kind !== "event") return [];
          return [{ atMs: item.event.atMs, what: `${service}: ${EVENT_WORDS[item.event.kind]} [${number}]` }];
        })
      : []),
  ].sort((a, b) => a.atMs - b.atMs);
  if (happened.length === 0) return [text(["Nothing began within what was read: it all went on as before."])];
  return [
    {
      kind: "table",
      columns: ["When", "What"],
      rows: happened.map(({ atMs, what }) => [[{ atMs, show: "time" as const }], what]),
    },
  ];
}

function tellDeploys({ pack }: FollowUp): Block[] {
  if (pack.deploys.length === 0) {
    return [
      text([
        "No deploy was marked between ",
        ...windowText({ fromMs: pack.lookbackFromMs, toMs: pack.window.toMs }),
        ". Mark them with ",
        { code: "deploy <service> <version>" },
        " and they become evidence.",
      ]),
    ];
  }
  const onsetMs = pack.onsetMs;
  return [
    {
      kind: "table",
      columns: ["When", "Service", "Version", "Before the onset"],
      rows: pack.deploys.map((deploy) => [
        [{ atMs: deploy.atMs, show: "time" as const }],
        deploy.service,
        deploy.version,
        onsetMs === undefined ? "–" : onsetMs >= deploy.atMs ? duration(onsetMs - deploy.atMs) : "after it",
      ]),
    },
  ];
}

function tellAction({ answer }: FollowUp): Block[] {
  return [
    text([
      answer.suggestedAction ??
        "This evidence names no known kind of failure, so there is no action to suggest.",
      " LogHunter itself changes nothing.",
    ]),
  ];
}

function tellWhy({ pack, answer }: FollowUp, subject: Subject | undefined): Block[] {
  const number = subject?.numbers[0] ?? (answer.culprit === undefined ? undefined : answer.culprit + 1);
  const cluster = number === undefined ? undefined : pack.clusters[number - 1];
  const blocks: Block[] = [
    text([
      "Confidence is ",
      { strong: confidenceWord(answer.confidence) },
      ` (${answer.confidence.toFixed(2)}): ${answer.confidenceReasons.join("; ")}.`,
    ]),
  ];
  if (cluster !== undefined) {
    blocks.push(
      text([
        `Evidence [${number}] ranks ${number} of ${pack.clusters.length}: ${cluster.reasons.join("; ")}.`,
      ]),
    );
  }
  return blocks;
}

function tellAffected({ pack }: FollowUp): Block[] {
  const byService = new Map<string, { lines: number; onsetMs: number }>();
  for (const cluster of pack.clusters) {
    if (cluster.onsetMs === undefined) continue;
    const known = byService.get(cluster.service);
    byService.set(cluster.service, {
      lines: (known?.lines ?? 0) + cluster.count,
      onsetMs: Math.min(known?.onsetMs ?? cluster.onsetMs, cluster.onsetMs),
    });
  }
  if (byService.size === 0) return [text(["No service logged more warnings or errors than before."])];
  return [
    {
      kind: "table",
      columns: ["Service", "Began", "Lines since"],
      rows: [...byService]
        .sort(([, a], [, b]) => a.onsetMs - b.onsetMs)
        .map(([service, { lines, onsetMs }]) => [
          service,
          [{ atMs: onsetMs, show: "time" as const }],
          lines.toLocaleString("en-US"),
        ]),
    },
  ];
}

export function whatICanAnswer({ pack }: FollowUp): Block[] {
  const other = pack.clusters.find((cluster) => cluster.service !== pack.service)?.service ?? pack.service;
  return [
    text([
      "Without a model I answer from this evidence only. Ask for example: ",
      { code: "when did it start" },
      ", ",
      { code: "show [2]" },
      ", ",
      { code: `what about ${other}` },
      ", ",
      { code: "who else is affected" },
      ", ",
      { code: "any deploy" },
      ", ",
      { code: "how sure are you" },
      ", ",
      { code: "what should I do" },
      ", ",
      { code: "is it over" },
      ".",
    ]),
  ];
}

function text(text: Inline[]): Block {
  return { kind: "text", text };
}

function itemsBlock(pack: Pack, numbers: readonly number[], sampleLines?: number): Block {
  return { kind: "items", items: numbers.map((number) => evidenceItem(pack, number, sampleLines)) };
}

function chartBlock(pack: Pack): Block {
  const chart = chartOf(pack);
  return { kind: "chart", chart, alt: altText(chart) };
}
