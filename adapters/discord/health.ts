import type { PlatformHealth } from "../../src/chat/platform.ts";
import type { State } from "./gateway.ts";
import type { Servers } from "./servers.ts";

/** Whether it works in a server, and what mends what does not. */
export function healthOf(
  workspace: string,
  { state, servers, messageContent }: { state: State; servers: Servers; messageContent: boolean },
): PlatformHealth {
  if (state.kind === "stopped")
    return { ok: false, summary: `Not connected to Discord. ${state.why}`, warnings: [] };
  if (state.kind === "connecting") {
    const summary = `Not connected to Discord: ${state.why}. It is tried again by itself.`;
    return { ok: false, summary, warnings: [] };
  }
  if (!servers.knows(workspace)) {
    return {
      ok: false,
      summary: NOT_INVITED,
      warnings: [],
    };
  }
  const lacking = servers.lacks(workspace) ?? [];
  const ping = state.pingMs === undefined ? "" : `, which answers in ${state.pingMs} ms`;
  return {
    ok: true,
    // Not a thing to mend: most servers are run without it.
    summary: `Connected to Discord${ping}. In threads it reads ${messageContent ? "what is written" : "what names it, and what is asked with Ask"}.`,
    warnings: lacking.length === 0 ? [] : [lacksSentence(lacking)],
  };
}

export const NOT_INVITED =
  "Connected to Discord, but LogHunter is not in this server. Invite it with the link in docs/discord.md.";

export function lacksSentence(lacking: readonly string[]): string {
  return `LogHunter's role in this server lacks ${lacking.join(", ")}. Add it in Server Settings, Roles.`;
}
