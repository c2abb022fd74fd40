/** Where a message stands, within a channel that is known: what is kept of a MessageRef. */
export interface ShownAt {
  messageId: string;
  /** The message whose thread it stands in; absent in the channel itself. */
  threadId?: string;
}

/** As a part of a Place. */
export function threadOf({ threadId }: ShownAt): { thread?: string } {
  return threadId === undefined ? {} : { thread: threadId };
}
