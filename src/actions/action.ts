import { type Conversation, findConversation } from "../analysis/conversations.ts";
import type { Role } from "../chat/command.ts";
import type { MessageRef, Reply } from "../chat/platform.ts";
import type { Call } from "../commands/command.ts";
import { UserError } from "../errors.ts";

/** One press of a button, its presser already allowed to make it. */
export interface Press extends Omit<Call, "options" | "whole"> {
  /** The id the button carried: looked up in the tenant's rows, never trusted. */
  subject: string;
  message: MessageRef;
}

/** What the buttons of one name do. Pressing twice is the same as pressing once. */
export type ActionHandler =
  | { name: string; opens: "answer"; role: Role; run(press: Press): Promise<Reply> }
  /** Opens the form of a command, and is for whoever may call it. */
  | {
      name: string;
      opens: "form";
      command: string;
      /** What its fields hold at first. */
      values(press: Press): Promise<Record<string, string>>;
    };

/** The conversation whose id a button carries. @throws UserError where it is no longer kept, or never was. */
export async function conversationOf(press: Press): Promise<Conversation> {
  const { scope } = press.workspace();
  const conversation = isRowId(press.subject) ? await findConversation(scope, press.subject) : undefined;
  if (conversation !== undefined) return conversation;
  throw new UserError("That root cause is no longer kept. Ask for a new one with analyze.");
}

/** @param instead what to do now */
export function eventGone(instead = "Type anomalies to see those that are."): UserError {
  return new UserError(`That anomaly is no longer kept. ${instead}`);
}

/** Ids of rows are uuids; anything else did not come from one of our buttons. */
export function isRowId(subject: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(subject);
}
