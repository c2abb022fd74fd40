import type { ChatPlatform, Delivery } from "../chat/platform.ts";

/**
 * The same platform, which says what came of each post and edit. An edit of a message that is gone is told apart from what is
 * refused: the message is posted anew.
 */
export function countingSends(
  platform: ChatPlatform,
  count: (platform: string, outcome: Delivery["outcome"] | "message gone") => void,
): ChatPlatform {
  const { name, limits } = platform;
  const counted = async (delivery: Promise<Delivery>): Promise<Delivery> => {
    const came = await delivery.catch((error: unknown) => {
      count(name, "unknown");
      throw error;
    });
    const isGone = came.outcome === "refused" && came.reason === "message gone";
    count(name, isGone ? "message gone" : came.outcome);
    return came;
  };
  return {
    name,
    limits,
    start: (core) => platform.start(core),
    stop: () => platform.stop(),
    post: (...asked) => counted(platform.post(...asked)),
    edit: (...asked) => counted(platform.edit(...asked)),
    tell: (...asked) => platform.tell(...asked),
    addressOf: (...asked) => platform.addressOf(...asked),
    whoIs: (...asked) => platform.whoIs(...asked),
    health: (...asked) => platform.health(...asked),
    reach: (...asked) => platform.reach(...asked),
  };
}
