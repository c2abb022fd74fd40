import type { types } from "@slack/bolt";
import { complaintsAboutBlocks, complaintsAboutText } from "./rules.ts";
import type { World } from "./world.ts";

/** Addresses at which an act is answered without a token: five uses, for half an hour. */
export interface ResponseUrls {
  /** @param replaces the message that was pressed. */
  make(at: { channel: string; user: string; replaces?: string | undefined }): string;
  /** @returns status and body of the answer. */
  take(id: string, body: string): [number, string];
  expire(): void;
}

export function createResponseUrls(
  world: World,
  origin: () => string,
  complain: (what: string) => void,
): ResponseUrls {
  const known = new Map<
    string,
    { channel: string; user: string; replaces?: string | undefined; uses: number; isOld: boolean }
  >();

  return {
    make(at) {
      const id = world.nextId("R");
      known.set(id, { ...at, uses: 0, isOld: false });
      return `${origin()}/response/${id}`;
    },
    take(id, body) {
      const url = known.get(id);
      if (url === undefined || url.isOld) return [404, "expired_url"];
      url.uses++;
      if (url.uses > 5) return [404, "used_url"];
      const sent = JSON.parse(body) as {
        response_type?: string;
        replace_original?: boolean;
        text?: string;
        blocks?: types.KnownBlock[];
        thread_ts?: string;
      };
      const { text = "", blocks = [], thread_ts: thread } = sent;
      for (const what of [...complaintsAboutText(text), ...complaintsAboutBlocks(blocks, "message")])
        complain(`response_url: ${what}`);
      if (sent.replace_original && url.replaces !== undefined) {
        const old = world.message(url.channel, url.replaces);
        if (old !== undefined) Object.assign(old, { text, blocks });
        return [200, "ok"];
      }
      if (sent.response_type !== "ephemeral") complain(`response_url: for ${sent.response_type}`);
      world.messages.push({
        channel: url.channel,
        ts: world.nextTs(),
        ...(thread !== undefined && { thread }),
        by: "bot",
        text,
        blocks,
        onlyFor: url.user,
        files: [],
      });
      return [200, "ok"];
    },
    expire() {
      for (const url of known.values()) url.isOld = true;
    },
  };
}
