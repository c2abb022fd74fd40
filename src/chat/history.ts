import type { Card } from "./card.ts";

/**
 * Messages of a platform that has no server of its own to keep them: the web console. Slack and
 * Discord keep theirs. Implemented by `src/console`, one instance per workspace.
 */
export interface MessageHistory {
  /**
   * Keeps a new message and returns it.
   * A `onceId` that was used before changes nothing and returns the message it made.
   */
  append(message: NewMessage): Promise<KeptMessage>;
  /** Replaces a bot message's card. Undefined when there is no such message. */
  edit(id: string, card: Card): Promise<KeptMessage | undefined>;
  get(id: string): Promise<KeptMessage | undefined>;
  /** The message that was appended with this `onceId`. */
  findOnce(onceId: string): Promise<KeptMessage | undefined>;
  /** The newest messages of a channel (threads included), oldest first. */
  latest(channel: string, limit: number): Promise<KeptMessage[]>;
  /** Messages that are new or were edited after `revision`, by revision: by this or any other instance. */
  changedSince(channel: string, revision: number, limit: number): Promise<KeptMessage[]>;
}

export interface NewMessage {
  channel: string;
  /** The message this one answers; absent at the top level. */
  thread?: string;
  author: Author;
  body: { text: string } | { card: Card };
  /** The only person who may see it; absent: everybody. */
  onlyFor?: string;
  /** Makes a repeat harmless: a delivery's id, or the id of the person's act. */
  onceId: string;
}

export type Author = { kind: "bot" } | { kind: "person"; id: string; name: string };

export interface KeptMessage extends NewMessage {
  id: string;
  /** Grows with every change of any message of the workspace. */
  revision: number;
  createdAtMs: number;
  updatedAtMs: number;
}
