import type { CommandCall } from "./chat/call.ts";
import type { Inbound } from "./chat/platform.ts";
import { UserError } from "./errors.ts";
import { holdsOwnKey, withoutOwnKeys } from "./logs/redaction/ownKeys.ts";

/** For whoever has sent an API key: nothing takes one. */
export const PASTED =
  "That holds an API key, so nothing was done with it. Whoever can read where you sent it can use the key now: put another one in its place with keys rotate, or end it with keys revoke.";

/**
 * An act as it may be handled: a key that was sent is not searched for, looked up, kept, nor told to a model. What was not said
 * to the bot, or is a log that somebody pasted, is read without it.
 * @throws UserError
 */
export function withoutPastedKeys<I extends Inbound>(inbound: I): I {
  switch (inbound.kind) {
    case "command":
      if (keysIn(inbound.call).length > 0) throw new UserError(PASTED);
      return inbound;
    case "reply":
      if (holdsOwnKey(inbound.text) && (inbound.toBot || inbound.addresses === "bot"))
        throw new UserError(PASTED);
      return { ...inbound, text: withoutOwnKeys(inbound.text) };
    case "explain":
      return { ...inbound, text: withoutOwnKeys(inbound.text) };
    default:
      return inbound;
  }
}

/** The options of a call that hold a key; of one that was typed, all of it. */
export function keysIn(call: CommandCall): string[] {
  if ("text" in call) return holdsOwnKey(call.text) ? ["text"] : [];
  if (holdsOwnKey(call.name)) return ["name"];
  return Object.entries(call.options).flatMap((pair) => (pair.some(holdsOwnKey) ? [pair[0]] : []));
}
