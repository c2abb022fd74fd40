import { type Redaction, redact } from "../logs/redaction.ts";
import type { Effect } from "./store.ts";

/** A made-up line, by the rules that everybody has and by a tenant's own. */
export interface Example {
  before: string;
  after: string;
}

/** What stands for a star, in turn until one shows something: words, then what looks like a key. */
const FOR_A_STAR = ["sample", "SAMPLE2345678901", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"];

/** What a pattern does. Undefined where no value of its form that comes to mind shows it. */
export function exampleOf(pattern: string, effect: Effect, own: Redaction): Example | undefined {
  for (const star of FOR_A_STAR) {
    const line = `request of ${madeUp(pattern, star)} refused`;
    const byAll = redact(line);
    const byOwn = own.redact(line);
    if (effect === "hide" && byAll === line && byOwn !== line) return { before: line, after: byOwn };
    if (effect === "show" && byAll !== line && byOwn === line) return { before: byAll, after: line };
  }
  return undefined;
}

function madeUp(pattern: string, star: string): string {
  let digits = 0;
  return pattern.replace(/\*+/g, star).replace(/#/g, () => String(++digits % 10));
}
