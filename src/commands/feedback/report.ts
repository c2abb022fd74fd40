import { confidenceWord } from "../../analysis/answer.ts";
import {
  binsOf,
  brierOf,
  expectedCalibrationError,
  type Judged,
  LEAST_JUDGED,
} from "../../analysis/calibration.ts";
import { listJudged } from "../../analysis/store.ts";
import { countOf } from "../../analysis/words.ts";
import type { Block, Card } from "../../chat/card.ts";
import { type Command, defineCommand, message } from "../command.ts";

/** `feedback report`: how right root causes were, and whether the confidence meant what it said. */
export function feedbackReportCommand(): Command {
  return defineCommand({
    name: "feedback report",
    summary: "How right root causes were by what people said, and whether the confidence meant it",
    examples: ["feedback report"],
    role: "viewer",
    visibility: "channel",
    options: [],
    async run(call) {
      return message(reportCard(await listJudged(call.workspace().scope)), "channel");
    },
  });
}

type JudgedBy = Judged & { provider: string };

function reportCard(judged: readonly JudgedBy[]): Card {
  if (judged.length === 0) {
    return {
      title: "No root cause was judged yet",
      tone: "neutral",
      body: [
        {
          kind: "text",
          text: "Press 👍 or 👎 under one when it is known what it was: others then see it when it happens again.",
        },
      ],
    };
  }
  const providers = [...new Set(judged.map(({ provider }) => provider))].sort();
  return {
    title: `${countOf(judged.length, "root cause", "root causes")} judged`,
    tone: "neutral",
    badge: "FEEDBACK",
    body: [
      {
        kind: "table",
        columns: ["By", "Judged", "Right", "Brier", "ECE"],
        rows: providers.map((provider) => {
          const own = judged.filter((one) => one.provider === provider);
          return [
            provider,
            String(own.length),
            percent(own.reduce((sum, { outcome }) => sum + outcome, 0) / own.length),
            brierOf(own).toFixed(3),
            expectedCalibrationError(own).toFixed(3),
          ];
        }),
      },
      binsTable(judged),
    ],
    footnote: `Right: partly counts half. Brier and ECE: 0 is best; 0.25 and 0.5 are as good as guessing. Confidence is fitted to this from ${LEAST_JUDGED} judgements of one kind on.`,
  };
}

function binsTable(judged: readonly JudgedBy[]): Block {
  return {
    kind: "table",
    columns: ["Confidence", "Said", "Was right", "Of"],
    rows: binsOf(judged).map(({ said, was, count }) => [
      confidenceWord(said),
      percent(said),
      percent(was),
      String(count),
    ]),
  };
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
