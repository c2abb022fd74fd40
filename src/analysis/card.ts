import { altText } from "../charts/alt.ts";
import { type Block, button, type Card } from "../chat/card.ts";
import type { Phase } from "../evidence/gather.ts";
import { evidenceItems } from "../evidence/items.ts";
import type { Pack } from "../evidence/pack.ts";
import type { TimeRange } from "../logs/source.ts";
import { alsoNamed } from "./alsoNamed.ts";
import type { Answer } from "./answer.ts";
import { factsOf } from "./cardFacts.ts";
import { chartOf } from "./errorChart.ts";
import { evidenceItem } from "./evidenceCard.ts";
import { beganOf, shownEvidence } from "./shownEvidence.ts";
import { alternatives, statement } from "./statement.ts";
import { actionText, warningOf } from "./warnings.ts";
import { windowText } from "./words.ts";

export function progressCard(service: string, window: TimeRange, phase: Phase): Card {
  const steps: { phase: Phase; label: string }[] = [
    { phase: "reading", label: "Reading warnings and errors" },
    { phase: "comparing", label: "Comparing with the time before" },
  ];
  const at = steps.findIndex((step) => step.phase === phase);
  return {
    title: `${service}: looking for the cause`,
    tone: "working",
    badge: "WORKING",
    body: [
      { kind: "text", text: ["Window: ", ...windowText(window)] },
      {
        kind: "progress",
        steps: [
          ...steps.map(({ label }, i) => ({
            label,
            state: i < at ? ("done" as const) : i === at ? ("now" as const) : ("next" as const),
          })),
          { label: "Putting the answer together", state: "next" },
        ],
      },
    ],
  };
}

/** @param why what the person can do about it */
export function failedCard(service: string, why: string): Card {
  return {
    title: `${service}: the search for the cause failed`,
    tone: "warning",
    badge: "FAILED",
    body: [{ kind: "text", text: why }],
  };
}

export interface AnswerRefs {
  conversationId: string;
  /** Absent where there is nothing that people could say it was of: no warning and no error. */
  analysisId?: string;
  /** A page that shows the lines themselves. */
  linesUrl?: string;
  /** What else the alert names under which this was asked, the worst first. */
  alertServices?: readonly string[];
}

export function analysisCard(pack: Pack, answer: Answer, refs: AnswerRefs): Card {
  const found = answer.culprit !== undefined;
  const sure = answer.confidence >= 0.5;
  const beganMs = beganOf(pack, answer);
  const chart = chartOf(pack, beganMs);
  const shown = shownEvidence(pack, answer);
  const body: Block[] = [
    ...statement(pack, answer),
    ...alsoNamed(pack, refs.alertServices ?? []),
    { kind: "facts", facts: factsOf(pack, answer, beganMs) },
    ...alternatives(answer),
    { kind: "chart", chart, alt: altText(chart) },
  ];
  if (shown.length > 0)
    body.push({ kind: "items", items: shown.map((number) => evidenceItem(pack, number)) });
  body.push(...nextSteps(answer));
  body.push(...linesLink(refs.linesUrl));
  const all = evidenceItems(pack).length;
  return {
    title: `${pack.service}: ${found ? `${sure ? "likely" : "possible"} cause found` : answer.cites.length > 0 ? "no error shows the cause" : "no cause visible in the logs"}`,
    tone: found ? (sure ? "critical" : "warning") : "neutral",
    badge: found ? `${sure ? "LIKELY" : "POSSIBLE"} CAUSE` : "NOT ENOUGH EVIDENCE",
    body,
    actions: [
      ...(refs.analysisId === undefined
        ? []
        : [
            button("👍 Right", { name: "feedback.right", subject: refs.analysisId }),
            button("👎 Not right", { name: "feedback.other", subject: refs.analysisId }),
          ]),
      button("Show lines", { name: "lines", subject: refs.conversationId }),
      button("Look again", { name: "again", subject: refs.conversationId }),
    ],
    footnote: `${answer.note ?? "Built-in analyzer, no model: the evidence above, put into words by fixed rules."} Reply in the thread to ask more${
      all > shown.length ? `, also about evidence [1] to [${all}]` : ""
    }.`,
    discussable: true,
  };
}

function nextSteps({ suggestedAction, lookAt = [] }: Answer): Block[] {
  const blocks: Block[] = [];
  if (suggestedAction !== undefined)
    blocks.push({ kind: "text", text: [{ strong: "Next: " }, ...actionText(suggestedAction)] });
  if (lookAt.length > 0) {
    const unseen = lookAt.join("; ");
    blocks.push({
      kind: "text",
      text: [{ strong: "These logs do not show: " }, ...warningOf(unseen), unseen],
    });
  }
  return blocks;
}

/** A link to the lines where they live; nothing where that has no address. */
export function linesLink(url: string | undefined): Block[] {
  return url === undefined ? [] : [{ kind: "links", links: [{ label: "Open in Grafana Explore", url }] }];
}
