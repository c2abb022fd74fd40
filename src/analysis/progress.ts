import { bounded } from "../chat/bounded.ts";
import type { ChatPlatform } from "../chat/platform.ts";
import { threadOf } from "../chat/shownAt.ts";
import type { Phase } from "../evidence/gather.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { progressCard } from "./card.ts";
import { type Conversation, findConversation } from "./conversations.ts";

export interface ProgressParts {
  directory: TenantDirectory;
  platforms: readonly ChatPlatform[];
  now: () => number;
}

export interface Progress {
  /** At most one edit is under way, so that an earlier one cannot land on top of a later. */
  show(phase: Phase): void;
  settled(): Promise<unknown>;
}

/** A phase that cannot be shown in this time is not worth waiting for. */
export const EDIT_TIMEOUT_MS = 3_000;
/** Platforms slow an app down that edits a message more often. */
const PROGRESS_EVERY_MS = 1_200;

/** Shows phases on the message while it works, as far as that goes: only the answer is owed. */
export async function startProgress(
  { directory, platforms, now }: ProgressParts,
  scope: TenantScope,
  { id, service, window, workspaceId }: Conversation,
  note: (phase: Phase) => Promise<void>,
): Promise<Progress> {
  const workspace = await directory.workspaceById(scope.tenantId, workspaceId);
  const platform = platforms.find((candidate) => candidate.name === workspace?.platform);
  let editedAtMs = now(); // The card that stands shows the first phase.
  let editing: Promise<unknown> | undefined;

  async function edit(chat: ChatPlatform, externalId: string, phase: Phase): Promise<void> {
    const shown = await findConversation(scope, id);
    const at = shown?.shownAt;
    // Answered or given up meanwhile, its message shows that.
    if (shown?.state !== "queued" || at === undefined) return;
    const place = { platform: chat.name, workspace: externalId, channel: shown.channel, ...threadOf(at) };
    const message = { place, id: at.messageId };
    await bounded(
      (signal) => chat.edit(message, progressCard(service, window, phase), signal),
      EDIT_TIMEOUT_MS,
    );
  }

  return {
    show(phase) {
      void note(phase).catch(() => undefined);
      if (platform === undefined || workspace === undefined || editing !== undefined) return;
      if (now() - editedAtMs < PROGRESS_EVERY_MS) return;
      editedAtMs = now();
      editing = edit(platform, workspace.externalId, phase)
        .catch(() => undefined)
        .finally(() => {
          editing = undefined;
        });
    },
    settled: async () => editing,
  };
}
