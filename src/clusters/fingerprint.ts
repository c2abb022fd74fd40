import { createHash } from "node:crypto";
import { templateOf } from "./normalise.ts";

/** `v1:` and 64 bits in hex, the same in every process and year for texts of one template. */
export function fingerprintOf(text: string): string {
  return `v1:${createHash("sha256").update(templateOf(text)).digest("hex").slice(0, 16)}`;
}
