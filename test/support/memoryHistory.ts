import type { KeptMessage, MessageHistory, Thread } from "../../src/chat/history.ts";
import { redact } from "../../src/logs/redaction.ts";

/** The port in memory: a second implementation for the chat contract, and the quick one for tests of the page. */
export function createMemoryHistory(now: () => number): MessageHistory {
  const messages = new Map<string, KeptMessage>();
  const byOnce = new Map<string, string>();
  let revision = 0;

  const inChannel = (channel: string) =>
    [...messages.values()].filter((message) => message.channel === channel);
  const isFor = ({ onlyFor }: KeptMessage, reader: string) => onlyFor === undefined || onlyFor === reader;
  const copy = (message: KeptMessage | undefined) =>
    message === undefined ? undefined : structuredClone(message);

  return {
    redactor: async () => redact,
    async append(message) {
      const earlier = messages.get(byOnce.get(message.onceId) ?? "");
      if (earlier !== undefined) return structuredClone(earlier);
      revision += 1;
      const atMs = now();
      const kept = structuredClone({
        ...message,
        id: `m${revision}`,
        revision,
        createdAtMs: atMs,
        updatedAtMs: atMs,
      });
      messages.set(kept.id, kept);
      byOnce.set(kept.onceId, kept.id);
      return structuredClone(kept);
    },
    async edit(id, card) {
      const known = messages.get(id);
      if (known === undefined || known.author.kind !== "bot") return undefined;
      revision += 1;
      const kept = structuredClone({ ...known, body: { card }, revision, updatedAtMs: now() });
      messages.set(id, kept);
      return structuredClone(kept);
    },
    get: async (id) => copy(messages.get(id)),
    findOnce: async (onceId) => copy(messages.get(byOnce.get(onceId) ?? "")),
    async latest({ channel, thread }, { limit, reader, before }) {
      const list = inChannel(channel).filter((message) => message.thread === thread);
      const end = before === undefined ? list.length : list.findIndex(({ id }) => id === before);
      const seen = list.slice(0, Math.max(0, end)).filter((message) => isFor(message, reader));
      return structuredClone(seen.slice(Math.max(0, seen.length - limit)));
    },
    async threads(roots, { limit, reader }) {
      const found = new Map<string, Thread>();
      for (const root of roots) {
        const replies = [...messages.values()].filter(
          (message) => message.thread === root && isFor(message, reader),
        );
        const last = replies.at(-1);
        if (last === undefined) continue;
        const newest = structuredClone(replies.slice(Math.max(0, replies.length - limit)));
        found.set(root, { replies: replies.length, lastAtMs: last.createdAtMs, newest });
      }
      return found;
    },
    revision: async (channel) => Math.max(0, ...inChannel(channel).map((message) => message.revision)),
    async changedSince(channel, after, limit) {
      const changed = inChannel(channel).filter((message) => message.revision > after);
      return structuredClone(changed.sort((a, b) => a.revision - b.revision).slice(0, limit));
    },
  };
}
