import type { Analyst } from "../analysis/analyst.ts";
import { progressCard } from "../analysis/card.ts";
import type { Reply } from "../chat/platform.ts";
import { findService } from "../logs/findService.ts";
import type { LogSource, ServiceRef, TimeRange } from "../logs/source.ts";
import { type Call, type Command, defineCommand } from "./command.ts";
import { DEFAULT_SINCE_MS, namespace, service, since } from "./options.ts";

export interface AnalyzeParts {
  logs: LogSource;
  analyst: Analyst;
  now: () => number;
}

export function analyzeCommand(parts: AnalyzeParts): Command {
  return defineCommand({
    name: "analyze",
    summary: "Find the likely root cause of what a service logs, with the lines that show it",
    examples: ["analyze checkout", "analyze checkout since:30m"],
    role: "responder",
    visibility: "channel",
    options: [service, since, namespace],
    async run(call) {
      const toMs = parts.now();
      const window = { fromMs: toMs - (call.options.since ?? DEFAULT_SINCE_MS), toMs };
      const ref = await findService(parts.logs, call.workspace().scope.lokiOrgId, call.options, window);
      return startAnalysis(parts.analyst, call, ref, window);
    },
  });
}

/**
 * Begins an analysis and answers with the card that will turn into its result.
 * @param call its place is where the card will stand
 */
export async function startAnalysis(
  analyst: Analyst,
  call: Pick<Call, "id" | "place" | "person" | "workspace">,
  ref: ServiceRef,
  window: TimeRange,
): Promise<Reply> {
  const workspace = call.workspace();
  const conversation = await analyst.ask(workspace, {
    place: call.place,
    askedBy: call.person.id,
    onceId: call.id,
    ...ref,
    window,
  });
  // The act was delivered again after its card had been shown: that one turns into the answer.
  if (conversation.shownAt !== undefined) return { kind: "silence" };
  return {
    kind: "message",
    visibility: "channel",
    card: progressCard(conversation.service, conversation.window, "reading"),
    shown: (message) => analyst.shown(workspace, conversation, message),
  };
}
