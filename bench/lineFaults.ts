import { fingerprintOf } from "../src/clusters/fingerprint.ts";
import { saidBy } from "../src/clusters/message.ts";
import { templateOf } from "../src/clusters/normalise.ts";
import { parseLine } from "../src/logs/parse.ts";
import { WHOLE_CHARS } from "../src/logs/redaction/long.ts";
import { redact, sampleOf } from "../src/logs/redaction.ts";

/** What a line may take, whatever is in it. */
export const LIMIT_MS = 20;

const STEPS = [redact, sampleOf, saidBy, parseLine] as const;

/** The step that takes longest: each is work that nothing interrupts. */
export function slowestStep(text: string): { name: string; ms: number } {
  let slowest = { name: "", ms: 0 };
  for (const step of STEPS) {
    const startMs = performance.now();
    step(text);
    const ms = performance.now() - startMs;
    if (ms > slowest.ms) slowest = { name: step.name, ms };
  }
  return slowest;
}

/** What is wrong with what becomes of a line; nothing where all is well. */
export function faultOf(text: string): string | undefined {
  try {
    const redacted = redact(text);
    if (text.length <= WHOLE_CHARS && redacted.length <= WHOLE_CHARS && redact(redacted) !== redacted) {
      return "redacting it again changes it";
    }
    const said = saidBy(text);
    const fingerprint = fingerprintOf(said);
    if (!/^v1:[0-9a-f]{16}$/.test(fingerprint)) return `its fingerprint is ${fingerprint}`;
    if (fingerprintOf(saidBy(text)) !== fingerprint) return "its fingerprint changes";
    if (templateOf(said).includes("<*> <*>")) return "its template has two wildcards in a row";
    const sample = sampleOf(text, 200);
    if (sample.length > 200) return "its sample is too long";
    if (!sample.isWellFormed()) return "its sample has half a character";
    if (!sample.includes("… (+") && sampleOf(sample, 200) !== sample)
      return "its sample changes when made again";
    parseLine(text, { nearMs: 1_795_867_200_000, offsetMinutes: 60 });
    return undefined;
  } catch (error) {
    return `it throws ${error instanceof Error ? error.message : String(error)}`;
  }
}
