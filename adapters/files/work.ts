import type { Bytes } from "./bytes.ts";

/** What has to be done before the lines of a file can be shown. */
export type Step = "unpack" | "read";

/** A step that is under way. */
export interface Work {
  step: Step;
  /** How far it is, in bytes of what `step` reads. */
  done: number;
  total: number;
  /** Nobody wants what it finds any more. */
  isCancelled: boolean;
  /** Of the lines read. */
  series: Set<number>;
}

/** Files of so many unread bytes are ordinary: a second's work, where the lines are as lines of logs are. */
const ORDINARY_BYTES = 16 * 1024 ** 2;
/** A question waits so long for any file from when it was first seen, and for an ordinary one half of the 20 s that it has. */
const WAIT_MS = 1_000;
const ORDINARY_WAIT_MS = 10_000;

export function isOrdinary(bytes: number): boolean {
  return bytes <= ORDINARY_BYTES;
}

/**
 * Whether a question waits for what is unread of a file. What was added to a file that is read already is waited for
 * however long it takes: a question sees all that was written before it.
 */
export function isWorthWaiting(bytes: number, isGrowth: boolean, sinceMs: number): boolean {
  if (!isOrdinary(bytes)) return performance.now() < sinceMs + WAIT_MS;
  return isGrowth || performance.now() < sinceMs + ORDINARY_WAIT_MS;
}

/** The same bytes, noting how far they were read: a line of a gigabyte makes no block for long, but it goes on. */
export function followed(bytes: Bytes, work: Work, from: number): Bytes {
  return {
    async read(into, at) {
      work.done = Math.max(work.done, at - from);
      return bytes.read(into, at);
    },
    close: () => bytes.close(),
  };
}

/** Bytes of lines, or what counts as much. */
export interface Progress {
  done: number;
  total: number;
}

/** Unpacking a byte takes so much of what reading it takes: 200 MB/s against 20 MB/s. */
const UNPACKING_SHARE = 0.1;

/**
 * How far a file is. Of a .gz that is not unpacked the whole is not known, and is reckoned from the part that is.
 * @param packedBytes of a .gz
 */
export function progressOf(
  known: { size: number; readTo: number; isUnpacked: boolean },
  packedBytes: number | undefined,
  work: Work | undefined,
): Progress {
  const { size, readTo, isUnpacked } = known;
  const read = readTo + (work?.step === "read" ? work.done : 0);
  if (packedBytes === undefined) return { done: read, total: size };
  if (isUnpacked) return { done: UNPACKING_SHARE * size + read, total: (1 + UNPACKING_SHARE) * size };
  const unpacked = work?.step === "unpack" ? work.done : 0;
  const whole = unpacked > 0 ? (size * packedBytes) / unpacked : packedBytes;
  return { done: UNPACKING_SHARE * size, total: (1 + UNPACKING_SHARE) * whole };
}
