import type { Card } from "./card.ts";

/**
 * Messages of a platform that has no server of its own to keep them: the web console. Slack and
 * Discord keep theirs. Implemented by `src/console`, one instance per workspace.
 */
export interface MessageHistory {
  /** Takes secrets out of what is about to be kept, by the rules of whose logs are seen here. */
  redactor(): Promise<(text: string) => string>;
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
  /** The newest messages of a list, oldest first. */
  latest(list: MessageList, asked: Asked): Promise<KeptMessage[]>;
  /** The threads under these messages of the top level; none for one that was not answered. */
  threads(roots: readonly string[], asked: Omit<Asked, "before">): Promise<Map<string, Thread>>;
  /** The highest revision in a channel; 0 where nothing was said yet. */
  revision(channel: string): Promise<number>;
  /** Messages that are new or were edited after `revision`, by revision: by this or any other instance. */
  changedSince(channel: string, revision: number, limit: number): Promise<KeptMessage[]>;
}

/** What stands at the top level of a channel, or under one of its messages. The two are never counted together. */
export interface MessageList {
  channel: string;
  thread?: string;
}

export interface Asked {
  limit: number;
  /** What is only for anybody else is left out. */
  reader: string;
  /** Only what was said before this message. */
  before?: string;
}

export interface Thread {
  /** All of them, however many are among the newest. */
  replies: number;
  lastAtMs: number;
  /** No more of them than were asked for, oldest first. */
  newest: KeptMessage[];
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
