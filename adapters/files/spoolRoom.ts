import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";

/** Room in the temporary folder, shared by all spools of a source: many small bombs fill a disk as one large does. */
export interface SpoolRoom {
  /** How many bytes one more spool may have: half of what is left, so that a bomb leaves room for the files after it. */
  share(): Promise<number>;
  /** Whether so much was freed since a spool of this size was starved that unpacking it anew is worth the time. */
  hasGrown(own: number): Promise<boolean>;
  /** How many bytes are left to all. */
  left(): Promise<number>;
  take(bytes: number): void;
  release(bytes: number): void;
}

/** All spools of a source together. A first file that needs more than half of it is no log. */
const MOST_BYTES = 32 * 1024 ** 3;
/**
 * Other programs keep their temporary files there too: a gigabyte stays free, or a tenth of a small disk. (A tenth of
 * a large one would be more than many a server has left, and it would read no .gz at all.)
 */
const KEPT_FREE_BYTES = 1024 ** 3;
const KEPT_FREE_SHARE = 0.1;
/** Less room than that comes and goes by itself. */
const WORTHWHILE_BYTES = 64 * 1024;

/** @param mostBytes for all spools together, however much is free */
export function createSpoolRoom(mostBytes = MOST_BYTES): SpoolRoom {
  let taken = 0;
  const left = async () => Math.max(0, Math.min(mostBytes - taken, await freeOnDisk()));
  return {
    left,
    share: async () => Math.floor((await left()) / 2),
    hasGrown: async (own) => ((await left()) + own) / 2 > 1.25 * own + WORTHWHILE_BYTES,
    take(bytes) {
      taken += bytes;
    },
    release(bytes) {
      taken -= bytes;
    },
  };
}

async function freeOnDisk(): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(tmpdir());
  return bavail * bsize - Math.min(KEPT_FREE_BYTES, KEPT_FREE_SHARE * blocks * bsize);
}
