/** 32-bit multiplication, looked up once: each look at a global costs more than it does. */
export const { imul } = Math;

/** FNV-1a with 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
export const HASH_START = 0x811c9dc5 | 0;
export const HASH_PRIME = 0x01000193;

/** The hash of a word's UTF-16 units, as the scan over a message computes it. */
export function wordHash(word: string): number {
  let hash = HASH_START;
  for (let i = 0; i < word.length; i++) hash = imul(hash ^ word.charCodeAt(i), HASH_PRIME);
  return hash;
}
