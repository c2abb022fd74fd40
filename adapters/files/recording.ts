import { AGAIN, hasEnded } from "../../src/logs/recording.ts";
import type { Recording, TimeRange } from "../../src/logs/source.ts";
import type { FilesPath } from "./index.ts";

/** Where all that is read are recordings of which it is known when they end. */
export function recordingOf(org: string, paths: readonly FilesPath[]): Recording | undefined {
  const ends = paths.map(({ replay }) =>
    replay?.recordedToMs === undefined
      ? Number.NaN
      : replay.asMs + (replay.recordedToMs - replay.recordedNowMs),
  );
  const untilMs = Math.max(...ends);
  return Number.isFinite(untilMs) ? { org, untilMs } : undefined;
}

/** What the reader should know who asks for lines of a time after a recording; nothing while it goes on. */
export function endedNote(
  recording: Recording | undefined,
  { toMs }: TimeRange,
  nowMs: number,
): string | undefined {
  const untilMs = recording?.untilMs;
  if (!hasEnded(untilMs, Math.min(toMs, nowMs))) return undefined;
  const at = new Date(untilMs).toISOString().slice(11, 16);
  return `The recording ended at ${at} UTC, and nothing was logged since: ${AGAIN}.`;
}
