import { watchSummary } from "../../alerting/watchSummary.ts";
import { recordedUntil } from "../../logs/recording.ts";
import type { LogSource } from "../../logs/source.ts";
import { type Command, defineCommand, message } from "../command.ts";

export interface WatchParts {
  now: () => number;
}

export interface WatchStatusParts extends WatchParts {
  logs: LogSource;
}

/** `watch status`: how services are watched, and what was or would have been posted in the last day. */
export function watchStatusCommand({ logs, now }: WatchStatusParts): Command {
  return defineCommand({
    name: "watch status",
    summary: "How services are watched, and which alerts were or would have been posted in the last day",
    examples: ["watch status"],
    role: "viewer",
    visibility: "channel",
    options: [],
    async run(call) {
      const { scope } = call.workspace();
      const recordedUntilMs = recordedUntil(logs, scope.lokiOrgId);
      return message(await watchSummary(scope, now(), recordedUntilMs), "channel");
    },
  });
}
