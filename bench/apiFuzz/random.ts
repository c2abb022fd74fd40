/** Chance that is the same for a seed. */
export interface Random {
  /** 0 to below the limit. */
  below(limit: number): number;
  /** True once in so many. */
  oneIn(count: number): boolean;
  of<T>(things: readonly T[]): T;
}

/** https://en.wikipedia.org/wiki/Xorshift */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0 || 1;
  const below = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  return {
    below,
    oneIn: (count) => below(count) === 0,
    of: <T>(things: readonly T[]) => things[below(things.length)] as T,
  };
}
