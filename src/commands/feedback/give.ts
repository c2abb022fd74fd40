import {
  findAnalysis,
  keepFeedback,
  newestAnalysisIn,
  VERDICTS,
  type Verdict,
} from "../../analysis/store.ts";
import { headline, withoutStop } from "../../analysis/words.ts";
import type { OptionDefinition } from "../../chat/command.ts";
import { UserError } from "../../errors.ts";
import { redactionOf } from "../../redactionRules/tenantRedaction.ts";
import { type Command, defineCommand, message } from "../command.ts";

const CAUSE_CHARS = 500;

const verdict = {
  name: "verdict",
  kind: "state",
  description: "Whether the root cause was right, partly right or wrong",
  required: true,
  choices: VERDICTS,
  parse(raw: string): Verdict {
    const found = VERDICTS.find((one) => one === raw.toLowerCase());
    if (found !== undefined) return found;
    throw new UserError(`"${raw.slice(0, 40)}" is no verdict. Use right, partly or wrong.`);
  },
} as const satisfies OptionDefinition<Verdict>;

const about = {
  name: "about",
  kind: "text",
  description:
    "Which root cause, by the number that its button fills in; without it the newest in this channel",
  required: false,
  filledIn: true,
  parse(raw: string): string {
    const found = raw.trim().toLowerCase();
    if (/^[0-9a-f][0-9a-f-]{3,35}$/.test(found)) return found;
    throw new UserError(
      `"${raw.slice(0, 40)}" is no number of a root cause. Leave it out for the newest in this channel.`,
    );
  },
} as const satisfies OptionDefinition<string>;

const cause = {
  name: "cause",
  kind: "text",
  description: "What it was instead: shown when this happens again",
  required: false,
  takesRest: true,
  maxChars: 1_000,
  parse: (raw: string) => raw.trim(),
} as const satisfies OptionDefinition<string>;

/** `feedback give`: what somebody thinks of a root cause, and what it was instead. */
export function giveFeedbackCommand(): Command {
  return defineCommand({
    name: "feedback give",
    summary: "Say whether a root cause was right, and what it was instead",
    examples: ["feedback give right", "feedback give wrong cause:the certificate of the proxy had expired"],
    role: "viewer",
    visibility: "caller",
    options: [verdict, about, cause],
    form: { title: "Was it that?", submitLabel: "Keep it", fields: ["verdict", "cause", "about"] },
    async run(call) {
      const workspace = call.workspace();
      const { scope } = workspace;
      const given = call.options;
      const start =
        given.about ??
        (await newestAnalysisIn(scope, { workspaceId: workspace.id, channel: call.place.channel }));
      const analysis = start === undefined ? undefined : await findAnalysis(scope, start);
      if (analysis === undefined)
        throw new UserError(
          given.about === undefined
            ? "No root cause was found in this channel yet. Begin one with analyze <service>."
            : "There is no root cause of that number, or it is no longer kept.",
        );
      const { sampleOf } = await redactionOf(scope);
      const instead = given.cause === undefined ? "" : sampleOf(given.cause, CAUSE_CHARS).trim();
      await keepFeedback(scope, {
        analysisId: analysis.id,
        workspaceId: workspace.id,
        personId: call.person.id,
        verdict: given.verdict,
        ...(instead !== "" && { cause: instead }),
      });
      const said = given.verdict === "partly" ? "partly right" : given.verdict;
      return message(
        {
          title: "Thank you",
          tone: "good",
          badge: "KEPT",
          body: [
            {
              kind: "text",
              text: [
                `The answer "${withoutStop(headline(analysis.rootCause))}" was `,
                { strong: said },
                instead === "" || given.verdict === "right" ? "." : `. It was: ${instead}`,
              ],
            },
          ],
          footnote: "Whoever has these errors again sees it on the card; feedback report counts it.",
        },
        "caller",
      );
    },
  });
}
