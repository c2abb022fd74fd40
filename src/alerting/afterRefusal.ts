import { bounded } from "../chat/bounded.ts";
import type { Card } from "../chat/card.ts";
import type { ChatPlatform, Delivery } from "../chat/platform.ts";
import type { Log } from "../log.ts";
import type { Workspace } from "../tenancy/directory.ts";
import { whoSet } from "./channels.ts";
import type { OwedDelivery } from "./deliveries.ts";
import { isPlaceTrouble, mendingOf, noteTrouble, type PlaceTrouble } from "./troubles.ts";

export interface Refused {
  workspace: Workspace;
  platform: ChatPlatform;
  owed: OwedDelivery;
  /** Where it was refused. */
  channel: string;
  /** The person whose question it answers. */
  askedBy?: string;
  refusal: Extract<Delivery, { outcome: "refused" }>;
}

/**
 * A refused message is not sent again, and not lost either: an answer goes to the person who asked, and what is
 * wrong with the channel is kept for `status` and told once to who can mend it.
 */
export async function afterRefusal(
  { log, tellTimeoutMs }: { log: Log; tellTimeoutMs: number },
  { workspace, platform, owed, channel, askedBy, refusal }: Refused,
): Promise<void> {
  const { reason, why } = refusal;
  const tell = async (person: string, card: Card, deliveryId: string) => {
    const told = await bounded(
      (signal) =>
        platform.tell(workspace.externalId, person, card, {
          deliveryId,
          maybeSent: owed.attempts > 1,
          signal,
        }),
      tellTimeoutMs,
    );
    if (told.outcome !== "sent")
      log.warn({ delivery: owed.id, why: told.why }, "nobody could be told either");
  };
  const mender = isPlaceTrouble(reason) ? await noteIt(reason) : undefined;
  await Promise.all([
    askedBy !== undefined && tell(askedBy, elsewhere(owed.card, refusal), `${owed.id}-asked`),
    mender !== undefined &&
      mender.id !== askedBy &&
      tell(mender.id, troubleCard(channel, mender.reason, why), `${owed.id}-mend`),
  ]);

  /** @returns who can mend it, where it is news */
  async function noteIt(trouble: PlaceTrouble): Promise<{ id: string; reason: PlaceTrouble } | undefined> {
    const about = { workspaceId: workspace.id, channel, reason: trouble, why };
    const isNew = await noteTrouble(workspace.scope, about);
    const id = (await whoSet(workspace, channel)) ?? workspace.toldPerson;
    return isNew && id !== undefined ? { id, reason: trouble } : undefined;
  }
}

/** The answer itself, and why it does not stand where it was asked for. */
function elsewhere(card: Card, { reason, why }: Refused["refusal"]): Card {
  const mend = isPlaceTrouble(reason) ? ` ${mendingOf(reason)}` : "";
  return {
    ...card,
    body: [
      { kind: "text", text: `This could not be posted where you asked for it (${reason}: ${why}).${mend}` },
      ...card.body,
    ],
  };
}

function troubleCard(channel: string, reason: PlaceTrouble, why: string): Card {
  return {
    title: "A channel takes no messages from LogHunter",
    tone: "warning",
    badge: "TO MEND",
    body: [
      {
        kind: "facts",
        facts: [
          { label: "Channel", value: [{ channel }] },
          { label: "Reason", value: `${reason} (${why})` },
        ],
      },
      { kind: "text", text: mendingOf(reason) },
      {
        kind: "text",
        text: [
          "You are told once, because you set it up. ",
          { code: "status" },
          " lists what is still to mend.",
        ],
      },
    ],
  };
}
