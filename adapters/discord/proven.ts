import type { ChatCore } from "../../src/chat/platform.ts";
import type { Posting } from "./posting.ts";

/** The same, which tells the core where a message stood. In a thread that proves nothing of the channel: there it is asked. */
export function provenPosting(posting: Posting, reachAgain: ChatCore["reachAgain"]): Posting {
  return {
    ...posting,
    async post(place, ...asked) {
      const sent = await posting.post(place, ...asked);
      const { platform, workspace, channel, thread } = place;
      if (sent.kind === "done")
        await reachAgain({ platform, workspace, ...(thread === undefined && { channel }) });
      return sent;
    },
  };
}
