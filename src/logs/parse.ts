import { levelOfWord } from "./severity.ts";
import type { Level } from "./source.ts";

export interface ParsedLine {
  format: "json" | "logfmt" | "klog" | "syslog" | "plain";
  /** Nanoseconds since the epoch, where the line says when. */
  atNs: bigint | undefined;
  level: Level | undefined;
  service: string | undefined;
  namespace: string | undefined;
  message: string;
  errorClass: string | undefined;
  stack: string | undefined;
}

/** First version: knows nothing but a leading ISO stamp and a level word. */
export function parseLine(text: string, _clock?: { nearMs: number; offsetMinutes: number }): ParsedLine {
  const [stamp = "", word = "", ...rest] = text.split(" ", 50);
  const atMs = Date.parse(stamp);
  return {
    format: "plain",
    atNs: Number.isNaN(atMs) ? undefined : BigInt(atMs) * 1_000_000n,
    level: levelOfWord(word),
    service: undefined,
    namespace: undefined,
    message: rest.length > 0 ? rest.join(" ") : text,
    errorClass: undefined,
    stack: undefined,
  };
}
