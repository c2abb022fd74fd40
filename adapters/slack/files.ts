import type { Account } from "./accounts.ts";
import type { Called, Calls } from "./calls.ts";

export interface Upload {
  name: string;
  bytes: Uint8Array;
}

/**
 * Uploads a file in Slack's three steps: https://docs.slack.dev/messaging/working-with-files#upload
 * @param to where it is shown; without it is only kept, to be named by a block.
 * @returns its id. Slack goes on to process it: blocks that name it at once may be refused.
 */
export async function uploadFile(
  calls: Calls,
  account: Account,
  { name, bytes }: Upload,
  to?: { channel: string; thread?: string | undefined },
  signal?: AbortSignal,
): Promise<Called<string>> {
  const asked = await calls.make(
    account,
    (client) => client.files.getUploadURLExternal({ filename: name, length: bytes.byteLength }),
    signal,
  );
  if (!asked.ok) return asked;
  const { upload_url: url, file_id: id } = asked.value;
  if (url === undefined || id === undefined)
    return { ok: false, outcome: "unknown", why: "Slack named no file" };
  const uploaded = await calls.upload(url, bytes, signal);
  if (!uploaded.ok) return uploaded;
  const target =
    to === undefined
      ? {}
      : { channel_id: to.channel, ...(to.thread !== undefined && { thread_ts: to.thread }) };
  const completed = await calls.make(
    account,
    (client) => client.files.completeUploadExternal({ files: [{ id, title: name }], ...target }),
    signal,
  );
  return completed.ok ? { ok: true, value: id } : completed;
}
