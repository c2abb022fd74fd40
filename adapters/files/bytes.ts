import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Something bytes are read from by position: a log file, or what a .gz was unpacked to. */
export interface Bytes {
  /** Fills `into` from position `at`; the count read, 0 at the end. */
  read(into: Buffer, at: number): Promise<number>;
  close(): Promise<void>;
}

/** Tells one file from another through renames; a hard link is the same file. */
export interface Identity {
  dev: bigint;
  ino: bigint;
}

/** The file is not there any more, or is not the file it was. */
export class Vanished extends Error {
  override readonly name = "Vanished";
}

/** Opens the file at `path`, if it still is the one meant. O_NONBLOCK: opening a fifo must not wait for a writer. */
export async function openFile(path: string, identity: Identity): Promise<Bytes> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") throw new Vanished(path, { cause });
    throw cause;
  }
  let isMeant = false;
  try {
    const { dev, ino } = await handle.stat({ bigint: true });
    isMeant = dev === identity.dev && ino === identity.ino;
  } finally {
    if (!isMeant) await handle.close();
  }
  if (isMeant) return bytesOf(handle);
  throw new Vanished(path);
}

export function bytesOf(handle: FileHandle): Bytes {
  return {
    read: async (into, at) => (await handle.read(into, 0, into.length, at)).bytesRead,
    close: () => handle.close(),
  };
}

/** Reads up to `length` bytes from `at`: fewer only where the file ends. */
export async function readSome(bytes: Bytes, at: number, length: number): Promise<Buffer> {
  const all = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = await bytes.read(all.subarray(filled), at + filled);
    if (count === 0) break;
    filled += count;
  }
  return all.subarray(0, filled);
}

/** The system's name for what went wrong, of an error that has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
