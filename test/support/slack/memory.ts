import type { Installation, Installations } from "../../../src/chat/installations.ts";

export function createMemoryInstallations(): Installations & {
  kept: Map<string, Installation>;
  isAway: boolean;
} {
  const kept = new Map<string, Installation>();
  const used = new Set<string>();
  const check = (isAway: boolean) => {
    if (isAway) throw new Error("no database");
  };
  return {
    kept,
    isAway: false,
    async save(platform, id, installation) {
      check(this.isAway);
      kept.set(`${platform} ${id}`, installation);
    },
    async find(platform, id) {
      check(this.isAway);
      return kept.get(`${platform} ${id}`);
    },
    async forget(platform, id) {
      kept.delete(`${platform} ${id}`);
    },
    async countClosed() {
      return { closed: 0, all: kept.size };
    },
    async useOnce(word) {
      if (!WORD.test(word)) throw new Error("no word");
      if (used.has(word)) return false;
      used.add(word);
      return true;
    },
  };
}

/** As the real ones: a word becomes part of a key. */
const WORD = /^[A-Za-z0-9_-]{1,128}$/;
