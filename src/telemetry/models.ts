import type { GuardedModel } from "../models/guard.ts";
import type { ModelReply } from "../models/languageModel.ts";
import type { Models } from "../models/tenantModel.ts";
import type { Reading } from "./metrics.ts";
import { secondsSince, type Telemetry } from "./telemetry.ts";

/** The same models, which tell what they are asked, how they answer, and what it costs. */
export function watchedModels(models: Models, telemetry: Telemetry): Models {
  const { metrics } = telemetry;
  return {
    ...models,
    all: models.all.map((model) => watched(model, models, telemetry)),
    toldUnpaid: (provider, model) => metrics.count("loghunter_model_unpaid_total", { provider, model }),
  };
}

/** How their queues stand. */
export function readModels({ all }: Models): Reading[] {
  return all.flatMap((each): Reading[] => {
    const { provider } = each;
    const { isLeftAlone, asking, waiting } = each.state();
    return [
      ["loghunter_model_requests", { provider, state: "asking" }, asking],
      ["loghunter_model_requests", { provider, state: "waiting" }, waiting],
      ["loghunter_model_left_alone", { provider }, Number(isLeftAlone)],
    ];
  });
}

function watched(port: GuardedModel, { prices }: Models, { metrics, traces }: Telemetry): GuardedModel {
  const { provider } = port;

  function note(model: string, reply: ModelReply, seconds: number): void {
    const of = { provider, model };
    metrics.observe("loghunter_model_call_seconds", { ...of, outcome: reply.outcome }, seconds);
    const usage = "usage" in reply ? reply.usage : undefined;
    if (usage === undefined) return;
    metrics.count("loghunter_model_tokens_total", { ...of, kind: "input" }, usage.inputTokens);
    metrics.count("loghunter_model_tokens_total", { ...of, kind: "cached" }, usage.cachedTokens);
    metrics.count("loghunter_model_tokens_total", { ...of, kind: "output" }, usage.outputTokens);
    const dollars = prices.costOf(usage, model);
    if (dollars !== undefined) metrics.count("loghunter_model_dollars_total", of, dollars);
  }

  return {
    ...port,
    ask(request, signal, again) {
      const { model } = request;
      return traces.span("model", { provider, model }, async (span) => {
        let fromMs = performance.now();
        let first: ModelReply | undefined;
        const reply = await port.ask(
          request,
          signal,
          again &&
            ((came) => {
              first = came;
              note(model, came, secondsSince(fromMs));
              fromMs = performance.now();
              return again(came);
            }),
        );
        // Where it was not asked a second time, the reply is the first one again.
        if (reply !== first) note(model, reply, secondsSince(fromMs));
        const usage = "usage" in reply ? reply.usage : undefined;
        span.say({
          outcome: reply.outcome,
          ...(usage && { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens }),
        });
        return reply;
      });
    },
  };
}
