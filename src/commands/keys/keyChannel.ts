import { listChannels } from "../../alerting/channels.ts";
import { addEntry } from "../../audit/entries.ts";
import { UserError } from "../../errors.ts";
import type { Acting } from "../../keys/issue.ts";
import { actorOf } from "../audited.ts";
import type { Asking } from "../command.ts";

/**
 * Whoever runs keys, in a channel that an admin has named for it: what is done is told there.
 * @throws UserError anywhere else; that it was tried is kept
 */
export async function inKeyChannel(call: Asking, command: string): Promise<Acting> {
  const { id, scope } = call.workspace();
  const actor = actorOf(call);
  const channels = (await listChannels(scope, "keys")).filter(({ workspaceId }) => workspaceId === id);
  if (channels.some(({ externalId }) => externalId === call.place.channel))
    return { scope, actor, tell: [{ workspaceId: id, channel: call.place.channel }] };
  await scope.transaction((db) =>
    addEntry(scope, db, {
      actor,
      action: "access.refused",
      subject: command,
      detail: { why: "not a key channel" },
    }),
  );
  throw new UserError(
    channels.length === 0
      ? "API keys are run in a channel that an admin has named for it, so that others see what is done. Name one, by typing there: channel keys"
      : "API keys are run in this workspace's key channel, and nowhere else. Type it there.",
  );
}

/** Refuses a form outside of the key channel before anybody fills it in. */
export function formInKeyChannel(command: string): (call: Asking) => Promise<Record<string, string>> {
  return async (call) => {
    await inKeyChannel(call, command);
    return {};
  };
}
