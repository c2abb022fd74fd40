import { createReadStream, writeSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip, type Gunzip } from "node:zlib";
import { type Bytes, bytesOf } from "./bytes.ts";

/** What a .gz holds, unpacked: gzip cannot be read from the middle, so a query of its end would unpack it all. */
export interface Spool extends Bytes {
  size: number;
  /** What is wrong with the .gz, as the end of a sentence about it; what came before the fault is there. */
  fault: string | undefined;
}

/** A gzip bomb stops here rather than fill the disk. */
const MOST_BYTES = 16 * 1024 ** 3;

/**
 * Unpacks a .gz to a temporary file without a name: it frees itself however the process ends, and
 * only its owner could have opened it.
 */
export async function unpack(path: string, isClosed: () => boolean): Promise<Spool> {
  const handle = await openNameless();
  try {
    const { size, fault } = await inflateTo(handle.fd, path, isClosed);
    return { ...bytesOf(handle), size, fault };
  } catch (error) {
    await handle.close();
    throw error;
  }
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
  isClosed: () => boolean,
): Promise<{ size: number; fault: string | undefined }> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  let size = 0;
  let failed: NodeJS.ErrnoException | undefined;
  const over = new Promise<void>((done) => {
    // Written at once, without pausing: what a paused stream still holds is lost when the next byte is corrupt.
    gunzip.on("data", (chunk: Buffer) => {
      try {
        writeSync(fd, chunk);
        size += chunk.length;
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

  let fault: string | undefined;
  for await (const chunk of createReadStream(path)) {
    if (failed !== undefined || isClosed()) break;
    if (size > MOST_BYTES) {
      fault = `unpacks to more than ${MOST_BYTES / 1024 ** 3} GB: only the beginning is used`;
      break;
    }
    // After an error no write is ever answered.
    await Promise.race([written(gunzip, chunk), over]);
  }
  // Only now, when every chunk has given what it holds: the last one written together with the end
  // would be dropped whole if the file is cut off, up to 64 KB of it, a megabyte of log.
  gunzip.end();
  await over;
  if (failed !== undefined && !failed.code?.startsWith("Z_")) throw failed;
  return { size, fault: fault ?? faultOf(failed) };
}

function written(gunzip: Gunzip, chunk: Buffer): Promise<void> {
  return new Promise((done) => gunzip.write(chunk, () => done()));
}

function faultOf(failed: NodeJS.ErrnoException | undefined): string | undefined {
  if (failed === undefined) return undefined;
  return failed.code === "Z_BUF_ERROR"
    ? "is cut off: the lines before the cut are used"
    : "is damaged: only the lines before the damage are used";
}
