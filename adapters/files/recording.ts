import { AGAIN, hasEnded } from "../../src/logs/recording.ts";
import type { SourceHealth, TimeRange } from "../../src/logs/source.ts";
import type { FilesPath } from "./index.ts";

/** When the last line of the recordings is shown, where all that is read are recordings of which that is known. */
export function recordedUntil(paths: readonly FilesPath[]): Pick<SourceHealth, "recordedUntilMs"> {
  const ends = paths.map(({ replay }) =>
    replay?.recordedToMs === undefined
      ? Number.NaN
      : replay.asMs + (replay.recordedToMs - replay.recordedNowMs),
  );
  const recordedUntilMs = Math.max(...ends);
  return Number.isFinite(recordedUntilMs) ? { recordedUntilMs } : {};
}

/** What the reader should know who asks for lines of a time after a recording; nothing while it goes on. */
export function endedNote(
  paths: readonly FilesPath[],
  { toMs }: TimeRange,
  nowMs: number,
): string | undefined {
  const { recordedUntilMs } = recordedUntil(paths);
  if (!hasEnded(recordedUntilMs, Math.min(toMs, nowMs))) return undefined;
  const at = new Date(recordedUntilMs).toISOString().slice(11, 16);
  return `The recording ended at ${at} UTC, and nothing was logged since: ${AGAIN}.`;
}
