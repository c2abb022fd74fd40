import { bounded } from "../chat/bounded.ts";
import type { Card } from "../chat/card.ts";
import type { ChatPlatform } from "../chat/platform.ts";
import { type ShownAt, threadOf } from "../chat/shownAt.ts";
import type { Workspace } from "../tenancy/directory.ts";
import { failedCard } from "./card.ts";
import { type Conversation, claimAnswer, closeConversation, queuedConversations } from "./conversations.ts";
import { EDIT_TIMEOUT_MS } from "./progress.ts";
import { claimTurn, type QueuedTurn, queuedTurns } from "./turns.ts";

const WHY = "This workspace was connected to another organisation meanwhile. Ask again.";

/** Ends what a workspace waits for, and says so there: it is about to see the logs of somebody else. */
export async function leaveConversations(
  workspace: Workspace,
  platforms: readonly ChatPlatform[],
): Promise<void> {
  const { scope, externalId } = workspace;
  const platform = platforms.find(({ name }) => name === workspace.platform);
  const say = async (channel: string, shownAt: ShownAt | undefined, card: Card) => {
    if (shownAt === undefined || platform === undefined) return;
    const place = { platform: platform.name, workspace: externalId, channel, ...threadOf(shownAt) };
    const message = { place, id: shownAt.messageId };
    await bounded((signal) => platform.edit(message, card, signal), EDIT_TIMEOUT_MS);
  };
  const end = async ({ id, service, at, shownAt }: Conversation) => {
    const isOurs = await scope.transaction(async (db) => {
      if (!(await claimAnswer(scope, db, id))) return false;
      await closeConversation(scope, db, id, { state: "failed", why: WHY });
      return true;
    });
    if (isOurs && at !== undefined) await say(at.channel, shownAt, failedCard(service, WHY));
  };
  const endTurn = async ({ id, service, channel, shownAt }: QueuedTurn) => {
    const isOurs = await scope.transaction((db) => claimTurn(scope, db, id, "failed"));
    if (isOurs) await say(channel, shownAt, { ...failedCard(service, WHY), title: service });
  };
  // Some at a time: those that alerts have asked may be many.
  for (;;) {
    const questions = await queuedConversations(workspace);
    const turns = await queuedTurns(workspace);
    if (questions.length + turns.length === 0) return;
    await Promise.all([...questions.map(end), ...turns.map(endTurn)]);
  }
}
