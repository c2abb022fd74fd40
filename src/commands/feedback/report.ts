import { confidenceWord } from "../../analysis/answer.ts";
import {
  binsOf,
  brierOf,
  expectedCalibrationError,
  type Judged,
  LEAST_JUDGED,
} from "../../analysis/calibration.ts";
import { countJudgedAbstentions, listJudged } from "../../analysis/store.ts";
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
      const { scope } = call.workspace();
      const [judged, abstentions] = await Promise.all([listJudged(scope), countJudgedAbstentions(scope)]);
      return message(reportCard(judged, abstentions), "channel");
    },
  });
}

type JudgedBy = Judged & { provider: string };
type Abstentions = Awaited<ReturnType<typeof countJudgedAbstentions>>;

function reportCard(judged: readonly JudgedBy[], abstentions: Abstentions): Card {
  if (judged.length === 0) {
    return {
      title: "No root cause was judged yet",
      tone: "neutral",
      body: [
        {
          kind: "text",
          text: [
            "Press ",
            { strong: "Right" },
            " or ",
            { strong: "Not right" },
            " under one when it is known what it was: others then see it when it happens again.",
          ],
        },
        ...abstentionsText(abstentions),
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
        columns: ["By", "Judged", "Right", "Confidence off by", "Squared error"],
        rows: providers.map((provider) => {
          const own = judged.filter((one) => one.provider === provider);
          return [
            provider,
            String(own.length),
            percent(own.reduce((sum, { outcome }) => sum + outcome, 0) / own.length),
            percent(expectedCalibrationError(own)),
            brierOf(own).toFixed(3),
          ];
        }),
      },
      binsTable(judged),
      ...abstentionsText(abstentions),
    ],
    footnote: `Right: partly counts half. Confidence off by: how far what was said and what came of it are apart (expected calibration error). Squared error (Brier score): 0 is best, 0.25 is what always saying one half would have. Confidence is fitted to this from ${LEAST_JUDGED} judgements of one kind on.`,
  };
}

/** How sure an answer is that names no cause is no confidence in one, so that these are counted by themselves. */
function abstentionsText({ judged, right }: Abstentions): Block[] {
  if (judged === 0) return [];
  const all = countOf(judged, "answer was judged that names", "answers were judged that name");
  return [
    { kind: "text", text: `Beside these ${all} no cause: ${right} of them rightly, by what people said.` },
  ];
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
