import { estimateTokens, type LanguageModel, type ModelReply } from "../../../src/models/languageModel.ts";

export const ANSWER: ModelReply = { outcome: "answered", text: "Yes.", calls: [] };

export type Turn =
  | ModelReply
  /** Comes back when it is called off, as adapters do. */
  | "hang"
  /** Does not come back at all, as no adapter should. */
  | "deaf"
  /** Says some of it first. */
  | { says: readonly string[]; replies: ModelReply };

export interface ScriptedModel extends LanguageModel {
  /** For the requests to come; when there is no more, the last one again. */
  script: Turn[];
  asked: number;
  /** Requests that have not come back. */
  underWay: number;
  /** Lets what hangs come back with this. */
  release(reply: ModelReply): void;
}

/** A language model that does what it is told. */
export function createScriptedModel(runs: LanguageModel["runs"] = "hosted"): ScriptedModel {
  const hanging: ((reply: ModelReply) => void)[] = [];
  const model: ScriptedModel = {
    provider: "openai",
    runs,
    models: ["gpt-test"],
    script: [ANSWER],
    asked: 0,
    underWay: 0,
    release: (reply) => hanging.shift()?.(reply),
    countTokens: estimateTokens,
    health: async () => ({ ok: true, summary: "It answers." }),
    async ask(request, signal) {
      model.asked += 1;
      model.underWay += 1;
      const turn = (model.script.length > 1 ? model.script.shift() : model.script[0]) ?? ANSWER;
      try {
        if (turn === "deaf") return await new Promise<never>(() => undefined);
        if (turn === "hang") {
          return await new Promise((resolve) => {
            hanging.push(resolve);
            signal.addEventListener("abort", () => resolve({ outcome: "later", why: "It was given up." }));
          });
        }
        if (!("says" in turn)) return turn;
        for (const piece of turn.says) request.onText?.(piece);
        return turn.replies;
      } finally {
        model.underWay -= 1;
      }
    },
  };
  return model;
}
