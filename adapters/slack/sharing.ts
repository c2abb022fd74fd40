import { createHash } from "node:crypto";
import type { TextFile } from "../../src/chat/fit.ts";
import type { Place } from "../../src/chat/platform.ts";
import { createRecent } from "../../src/chat/recent.ts";
import type { Log } from "../../src/log.ts";
import type { Account } from "./accounts.ts";
import type { Called, Calls } from "./calls.ts";
import { directChannel } from "./directChannel.ts";
import { uploadFile } from "./files.ts";
import { hasFile } from "./sent.ts";

/** The whole text of cards that had no room in a message, as files. */
export interface Sharing {
  /** In the message's thread, each once as long as it stays the same. @returns whether all of them stand there. */
  inThread(
    account: Account,
    place: Place,
    ts: string,
    files: readonly TextFile[],
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** In the person's own messages with the bot, bounded. @returns whether all of them stand there. */
  withPerson(account: Account, personId: string, files: readonly TextFile[]): Promise<boolean>;
  /** Looks which of them an attempt that was lost has shared: those are not shared once more. */
  noteEarlier(account: Account, place: Place, ts: string, files: readonly TextFile[]): Promise<void>;
}

export function createSharing(calls: Calls, log: Log): Sharing {
  /** The file under a message that is edited often is shared once as long as it stays the same. */
  const shared = createRecent<string>(KEPT_FILES);

  async function share(
    account: Account,
    { name, text }: TextFile,
    to: { channel: string; thread?: string },
    signal?: AbortSignal,
  ): Promise<boolean> {
    const bytes = new TextEncoder().encode(text);
    const uploaded = await uploadFile(calls, account, { name, bytes }, to, signal);
    if (!uploaded.ok) noteNotShared(account, uploaded);
    return uploaded.ok;
  }

  function noteNotShared({ workspace }: Account, failed: Called<unknown> & { ok: false }): void {
    log.warn({ workspace, why: failed.why }, "slack: a file could not be shared");
  }

  return {
    async inThread(account, { channel, thread }, ts, files, signal) {
      let isAllShared = true;
      for (const file of files) {
        const key = keyOf(account, channel, ts, file);
        const digest = digestOf(file);
        if (shared.get(key) === digest) continue;
        if (await share(account, file, { channel, thread: thread ?? ts }, signal)) shared.set(key, digest);
        else isAllShared = false;
      }
      return isAllShared;
    },

    async withPerson(account, personId, files) {
      const signal = AbortSignal.timeout(SHARE_WITHIN_MS);
      const direct = await directChannel(calls, account, personId, signal);
      if (!direct.ok) {
        noteNotShared(account, direct);
        return false;
      }
      let isAllShared = true;
      for (const file of files) {
        if (!(await share(account, file, { channel: direct.value }, signal))) isAllShared = false;
      }
      return isAllShared;
    },

    async noteEarlier(account, { channel, thread }, ts, files) {
      for (const file of files) {
        if (await hasFile(calls, account, channel, thread ?? ts, file.name))
          shared.set(keyOf(account, channel, ts, file), digestOf(file));
      }
    },
  };
}

const KEPT_FILES = 500;
/** The answer waits for it, since it says where its file is. */
const SHARE_WITHIN_MS = 6_000;

function keyOf({ workspace }: Account, channel: string, ts: string, { name }: TextFile): string {
  return `${workspace} ${channel} ${ts} ${name}`;
}

function digestOf({ text }: TextFile): string {
  return createHash("sha256").update(text).digest("base64url");
}
