import { signature, signText } from "./normalise.ts";

/** `v1:` and 64 bits in hex, the same in every process and year for texts of one template. */
export function fingerprintOf(text: string): string {
  signText(text);
  return `v1:${hex(signature[0] as number)}${hex(signature[1] as number)}`;
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hex(word: number): string {
  const [a, b] = [BYTES[word >>> 24], BYTES[(word >>> 16) & 255]];
  return `${a}${b}${BYTES[(word >>> 8) & 255]}${BYTES[word & 255]}`;
}
