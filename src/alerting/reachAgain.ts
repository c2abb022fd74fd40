import type { ChatPlatform, Place } from "../chat/platform.ts";
import type { Log } from "../log.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import { clearTrouble, listTroubles } from "./troubles.ts";

export interface ReachAgainParts {
  directory: Pick<TenantDirectory, "findWorkspace">;
  platforms: readonly ChatPlatform[];
  log: Log;
}

/** Channels of a workspace that are asked at once. */
const ASKED = 20;
const ASK_MS = 10_000;

/**
 * Ends what is known to be wrong with a channel in which a message stood just now; where none is named, with those of a
 * workspace that is connected, or has changed, and that would take a message. The next scan tells what was held back. Never throws.
 */
export async function reachAgain(
  { directory, platforms, log }: ReachAgainParts,
  { platform: name, workspace: externalId, channel }: Omit<Place, "channel"> & { channel?: string },
): Promise<void> {
  try {
    const workspace = await directory.findWorkspace(name, externalId);
    if (workspace === undefined) return;
    const { scope, id } = workspace;
    await clearTrouble(scope, id, channel);
    if (channel !== undefined) return;
    const platform = platforms.find((each) => each.name === name);
    for (const trouble of await listTroubles(scope, ASKED, id)) {
      const at = { platform: name, workspace: externalId, channel: trouble.channel };
      const reach = await platform?.reach(at, AbortSignal.timeout(ASK_MS));
      if (reach?.outcome === "open") await clearTrouble(scope, id, trouble.channel);
    }
  } catch (err) {
    log.warn({ err, platform: name }, "it could not be noted that messages are taken again");
  }
}
