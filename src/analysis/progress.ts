import { bounded } from "../chat/bounded.ts";
import type { Card } from "../chat/card.ts";
import type { ChatPlatform, MessageRef } from "../chat/platform.ts";
import type { ShownAt } from "../chat/shownAt.ts";
import { threadOf } from "../chat/shownAt.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";

export interface ProgressParts {
  directory: TenantDirectory;
  platforms: readonly ChatPlatform[];
  now: () => number;
}

/** The message that shows how far something is. */
export interface Progressing {
  /** Absent: it is shown nowhere. */
  workspaceId?: string;
  /** Where it stands just now; undefined while it stands nowhere, or once it shows what came of it. */
  place(): Promise<{ channel: string; shownAt: ShownAt } | undefined>;
}

export interface Progress {
  /** Shows the card, soon; a newer one takes its place if it comes before. */
  show(card: Card): void;
  /** What is under way has ended, and what was not begun is forgotten: nothing lands on top of what comes now. */
  settled(): Promise<void>;
}

/** A state that cannot be shown in this time is not worth waiting for. */
export const EDIT_TIMEOUT_MS = 3_000;
/** Platforms slow an app down that edits a message more often. */
const EDITS_APART_MS = 1_200;
/** A message that does not stand yet will in a moment. */
const LOOK_AGAIN_MS = 300;

/** Shows states on a message, as far as that goes: only what comes of it is owed. At most one edit is under way. */
export async function startProgress(
  { directory, platforms, now }: ProgressParts,
  scope: TenantScope,
  { workspaceId, place }: Progressing,
): Promise<Progress> {
  const workspace =
    workspaceId === undefined ? undefined : await directory.workspaceById(scope.tenantId, workspaceId);
  const platform = platforms.find((candidate) => candidate.name === workspace?.platform);
  let editedAtMs = now(); // The card that stands shows the first state.
  let next: Card | undefined;
  let editing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  async function edit(chat: ChatPlatform, externalId: string, card: Card): Promise<boolean> {
    const at = await place();
    if (at === undefined) return false;
    const { channel, shownAt } = at;
    const where = { platform: chat.name, workspace: externalId, channel, ...threadOf(shownAt) };
    const message: MessageRef = { place: where, id: shownAt.messageId };
    await bounded((signal) => chat.edit(message, card, signal), EDIT_TIMEOUT_MS);
    return true;
  }

  function goOn(waitMs: number): void {
    if (ended || timer !== undefined || editing !== undefined || next === undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      const card = next;
      if (card === undefined || platform === undefined || workspace === undefined) return;
      next = undefined;
      editedAtMs = now();
      let stood = true;
      editing = edit(platform, workspace.externalId, card)
        .then((shown) => {
          stood = shown;
          if (!shown) next ??= card;
        })
        .catch(() => undefined)
        .finally(() => {
          editing = undefined;
          goOn(stood ? EDITS_APART_MS : LOOK_AGAIN_MS);
        });
    }, waitMs);
    timer.unref();
  }

  return {
    show(card) {
      if (platform === undefined) return;
      next = card;
      goOn(Math.max(0, EDITS_APART_MS - (now() - editedAtMs)));
    },
    async settled() {
      ended = true;
      clearTimeout(timer);
      next = undefined;
      await editing;
    },
  };
}
