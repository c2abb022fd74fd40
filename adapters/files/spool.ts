import { createReadStream, writeSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip, type Gunzip } from "node:zlib";
import { type Bytes, bytesOf } from "./bytes.ts";
import type { SpoolRoom } from "./spoolRoom.ts";

/** What a .gz holds, unpacked: gzip cannot be read from the middle, so a query of its end would unpack it all. */
export interface Spool extends Bytes {
  size: number;
  /** What is wrong with the .gz, as the end of a sentence about it; what came before the fault is there. */
  fault: string | undefined;
  /** There was no room for all of it. */
  isStarved: boolean;
}

/** How often the room is looked at again: other programs fill the disk meanwhile. */
const LOOK_BYTES = 256 * 1024 ** 2;

/** Whoever waits for a file to be unpacked. */
export interface Watch {
  /** Stops where nobody wants it any more. */
  isClosed(): boolean;
  /** Told how far it is: bytes of the .gz read, bytes unpacked. */
  onProgress(packed: number, unpacked: number): void;
}

/**
 * Unpacks a .gz to a temporary file without a name: it frees itself however the process ends, and
 * only its owner could have opened it. What it holds is claimed from the room until it is closed.
 */
export async function unpack(path: string, room: SpoolRoom, watch: Watch): Promise<Spool> {
  const handle = await openNameless();
  const taken = { bytes: 0 };
  const close = async () => {
    room.release(taken.bytes);
    taken.bytes = 0;
    await handle.close();
  };
  try {
    const { isStarved, fault } = await inflateTo(handle.fd, path, { room, taken, watch });
    return { ...bytesOf(handle), close, size: taken.bytes, isStarved, fault };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the first `most` bytes or so of a .gz's lines are, to tell what it holds; fewer where it is damaged. */
export async function peek(packed: Buffer, most: number): Promise<Buffer> {
  const gunzip = createGunzip({ chunkSize: most });
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    gunzip.write(packed);
    // Of an end that is missing the stream would wait for more.
    gunzip.flush(() => gunzip.destroy());
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= most) break;
    }
  } catch {
    // Unpacking it all says what is wrong; here only what came before the fault is asked for.
  }
  return Buffer.concat(chunks).subarray(0, most);
}

async function openNameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), "loghunter-"));
  try {
    return await open(join(folder, "unpacked"), "wx+", 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function inflateTo(
  fd: number,
  path: string,
  { room, taken, watch }: { room: SpoolRoom; taken: { bytes: number }; watch: Watch },
): Promise<{ isStarved: boolean; fault: string | undefined }> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  let most = await room.share();
  let lookAt = LOOK_BYTES;
  let packed = 0;
  let isStarved = false;
  let failed: NodeJS.ErrnoException | undefined;
  const over = new Promise<void>((done) => {
    // Written at once, without pausing: what a paused stream still holds is lost when the next byte is corrupt.
    gunzip.on("data", (chunk: Buffer) => {
      if (taken.bytes + chunk.length > most) isStarved = true;
      if (isStarved) return;
      try {
        writeSync(fd, chunk);
        room.take(chunk.length);
        taken.bytes += chunk.length;
      } catch (cause) {
        gunzip.destroy(cause as Error);
      }
    });
    gunzip.on("error", (cause: NodeJS.ErrnoException) => {
      failed = cause;
      done();
    });
    gunzip.on("end", done);
  });

  for await (const chunk of createReadStream(path)) {
    if (failed !== undefined || isStarved || watch.isClosed()) break;
    if (taken.bytes >= lookAt) {
      most = Math.min(most, taken.bytes + (await room.left()));
      lookAt = taken.bytes + LOOK_BYTES;
    }
    // After an error no write is ever answered.
    await Promise.race([written(gunzip, chunk), over]);
    packed += chunk.length;
    watch.onProgress(packed, taken.bytes);
  }
  // Only now, when every chunk has given what it holds: the last one written together with the end
  // would be dropped whole if the file is cut off, up to 64 KB of it, a megabyte of log.
  gunzip.end();
  await over;
  if (failed !== undefined && !failed.code?.startsWith("Z_")) throw failed;
  return { isStarved, fault: isStarved ? starved(taken.bytes) : faultOf(failed) };
}

function written(gunzip: Gunzip, chunk: Buffer): Promise<void> {
  return new Promise((done) => gunzip.write(chunk, () => done()));
}

function starved(bytes: number): string {
  if (bytes === 0) return "is not used: there is no room left to unpack it in the temporary folder";
  const size =
    bytes < 1024 ** 3 ? `${Math.ceil(bytes / 1024 ** 2)} MB` : `${(bytes / 1024 ** 3).toFixed(1)} GB`;
  return `needs more room to unpack than the temporary folder has for it: only its first ${size} are used`;
}

function faultOf(failed: NodeJS.ErrnoException | undefined): string | undefined {
  if (failed === undefined) return undefined;
  return failed.code === "Z_BUF_ERROR"
    ? "is cut off: the lines before the cut are used"
    : "is damaged: only the lines before the damage are used";
}
