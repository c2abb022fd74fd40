import type { Acts } from "../../src/chat/acts.ts";

/** Acts as several processes share them. */
export function createMemoryActs(): Acts & { begun: string[]; ended: string[] } {
  const begun: string[] = [];
  const ended: string[] = [];
  return {
    begun,
    ended,
    async begin({ workspace }, actId) {
      const key = `${workspace} ${actId}`;
      if (begun.includes(key)) return false;
      begun.push(key);
      return true;
    },
    async end({ workspace }, actId) {
      ended.push(`${workspace} ${actId}`);
    },
  };
}
