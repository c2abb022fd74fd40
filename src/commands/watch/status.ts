import { watchSummary } from "../../alerting/watchSummary.ts";
import { type Command, defineCommand, message } from "../command.ts";

export interface WatchParts {
  now: () => number;
}

/** `watch status`: how services are watched, and what was or would have been posted in the last day. */
export function watchStatusCommand(parts: WatchParts): Command {
  return defineCommand({
    name: "watch status",
    summary: "How services are watched, and which alerts were or would have been posted in the last day",
    examples: ["watch status"],
    role: "viewer",
    visibility: "channel",
    options: [],
    run: async (call) => message(await watchSummary(call.workspace().scope, parts.now()), "channel"),
  });
}
