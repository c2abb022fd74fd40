import type { ChatPlatform, Delivery } from "../chat/platform.ts";
import { secondsSince, type Telemetry } from "./telemetry.ts";

/**
 * The same platform, which says what came of each post and edit. An edit of a message that is gone is told apart from what is
 * refused: the message is posted anew.
 */
export function watchedSends(platform: ChatPlatform, { metrics, traces }: Telemetry): ChatPlatform {
  const { name, limits } = platform;
  const watched = (how: "post" | "edit", send: () => Promise<Delivery>): Promise<Delivery> =>
    traces.span(`delivery ${how}`, { platform: name }, async (span) => {
      const fromMs = performance.now();
      let told = { outcome: "unknown", reason: "" };
      try {
        const came = await send();
        told = toldOf(came);
        return came;
      } finally {
        metrics.count("loghunter_sends_total", { platform: name, ...told });
        metrics.observe("loghunter_send_seconds", { platform: name }, secondsSince(fromMs));
        span.say(told);
      }
    });
  return {
    name,
    limits,
    start: (core) => platform.start(core),
    stop: () => platform.stop(),
    post: (...asked) => watched("post", () => platform.post(...asked)),
    edit: (...asked) => watched("edit", () => platform.edit(...asked)),
    tell: (...asked) => platform.tell(...asked),
    addressOf: (...asked) => platform.addressOf(...asked),
    whoIs: (...asked) => platform.whoIs(...asked),
    isConnected: () => platform.isConnected(),
    health: (...asked) => platform.health(...asked),
    reach: (...asked) => platform.reach(...asked),
  };
}

function toldOf(came: Delivery): { outcome: string; reason: string } {
  if (came.outcome !== "refused") return { outcome: came.outcome, reason: "" };
  if (came.reason === "message gone") return { outcome: "message gone", reason: "" };
  return { outcome: "refused", reason: came.reason };
}
