import { type APIMessage, MessageFlags } from "discord.js";
import type { Place } from "../../src/chat/platform.ts";
import type { Acknowledged, Acting, FirstAnswer } from "./acting.ts";
import type { InteractionOrigin } from "./answers.ts";

/** How an interaction can be answered after its first answer. */
export function interactionOf(
  { application, token }: Acting,
  first: FirstAnswer,
  acknowledged: Acknowledged,
  ofPrivate: boolean,
): InteractionOrigin {
  return { application, token, first: firstOf(first, acknowledged), ...(ofPrivate && { ofPrivate }) };
}

function firstOf(first: FirstAnswer, acknowledged: Acknowledged): InteractionOrigin["first"] {
  if (acknowledged === "no") return "nothing";
  if (first.kind === "thinking") return first.privately ? "thinking privately" : "thinking";
  return "noted";
}

/** The thread under a message; where it stands in one, that one. */
export function under(place: Place, message: string): Place {
  return { ...place, thread: place.thread ?? message };
}

export function isPrivate({ flags }: APIMessage): boolean {
  return ((flags ?? 0) & MessageFlags.Ephemeral) !== 0;
}

export function idsIn(components: readonly unknown[]): string[] {
  return components.flatMap((one) => {
    const { custom_id: id, components: within } = one as { custom_id?: unknown; components?: unknown };
    const own = typeof id === "string" ? [id] : [];
    return Array.isArray(within) ? [...own, ...idsIn(within)] : own;
  });
}
