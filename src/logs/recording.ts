import type { Inline } from "../chat/card.ts";
import type { LogSource } from "./source.ts";

/** Who has ended what was open when a recording had come to its end. */
export const END_OF_RECORDING = "the end of the recording";

/** How somebody who watches a recording sees it once more. */
export const AGAIN = "start LogHunter again to see it anew";

/** When the last line is shown of what an organisation sees; undefined of logs that go on. */
export function recordedUntil({ recording }: Pick<LogSource, "recording">, org: string): number | undefined {
  return recording?.org === org ? recording.untilMs : undefined;
}

/** A minute belongs to whoever looks at the last lines: they have only just come. */
const JUST_MS = 60_000;

export function hasEnded(recordedUntilMs: number | undefined, nowMs: number): recordedUntilMs is number {
  return recordedUntilMs !== undefined && nowMs >= recordedUntilMs + JUST_MS;
}

/** Until when a recording goes on, or that it has ended and how to see it again. */
export function recordingText(recordedUntilMs: number, nowMs: number): Inline[] {
  const at = { atMs: recordedUntilMs, show: "date and time" as const };
  if (!hasEnded(recordedUntilMs, nowMs)) return ["replayed as if now, until ", at];
  return ["ended at ", at, `, and nothing was logged since: ${AGAIN}`];
}
