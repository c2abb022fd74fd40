import { type Bytes, openFile, readSome, Vanished } from "./bytes.ts";
import type { Found } from "./discover.ts";
import { refusalOf, SNIFFED_BYTES, sniff } from "./sniff.ts";
import { peek, type Spool, unpack } from "./spool.ts";
import type { SpoolRoom } from "./spoolRoom.ts";
import type { Work } from "./work.ts";

/** So much of a file's beginning tells whether it is still the same log. */
const REMEMBERED_BYTES = 4096;

/** What stands in a log file: its own bytes, or those that a .gz was unpacked to. */
export class Content {
  /** Why none of it is read, as the end of a sentence about the file. */
  refused: string | undefined;
  isPacked = false;
  /** What a .gz was unpacked to. */
  spool: Spool | undefined;
  /** How many bytes of lines there are; of a .gz that is not unpacked, how many were so far. */
  size = 0;
  /** The first bytes, to know the log by. */
  beginning: Buffer = Buffer.alloc(0);
  readonly #room: SpoolRoom;

  constructor(room: SpoolRoom) {
    this.#room = room;
  }

  /** Sees what it is. What stood here before is forgotten. */
  async begin(bytes: Bytes, found: Found): Promise<void> {
    await this.close();
    const first = await readSome(bytes, 0, Math.min(found.size, SNIFFED_BYTES));
    const kind = sniff(first);
    this.isPacked = kind === "gzip";
    this.size = 0;
    this.beginning = Buffer.alloc(0);
    if (typeof kind === "object") this.refused = kind.refused;
    // Seen before anything is unpacked: where there is no other file, the start fails with it.
    else this.refused = this.isPacked ? refusalOf(await peek(first, SNIFFED_BYTES)) : undefined;
  }

  async measure(bytes: Bytes, size: number): Promise<void> {
    this.size = size;
    this.beginning = await readSome(bytes, 0, Math.min(size, REMEMBERED_BYTES));
  }

  /** @throws Vanished */
  async unpack(found: Found, work: Work, isClosed: () => boolean): Promise<void> {
    // Somebody may have put another file in its place since it was looked at.
    await (await openFile(found.path, found)).close();
    const isOver = () => work.isCancelled || isClosed();
    const spool = await unpack(found.path, this.#room, {
      isClosed: isOver,
      onProgress: (packed, unpacked) => {
        work.done = packed;
        this.size = unpacked;
      },
    });
    if (isOver()) {
      await spool.close();
      return;
    }
    this.spool = spool;
    await this.measure(spool, spool.size);
    this.refused = refusalOf(await readSome(spool, 0, Math.min(spool.size, SNIFFED_BYTES)));
  }

  /** The lines' bytes, for one reading. @throws Vanished */
  async open(found: Found): Promise<Bytes> {
    if (this.spool) return { read: this.spool.read, close: async () => {} };
    const bytes = await openFile(found.path, found);
    let isSame = false;
    try {
      isSame = await this.beginsAs(bytes);
    } finally {
      if (!isSame) await bytes.close();
    }
    if (isSame) return bytes;
    throw new Vanished(found.path);
  }

  async beginsAs(bytes: Bytes): Promise<boolean> {
    return this.beginning.equals(await readSome(bytes, 0, this.beginning.length));
  }

  /** Whether it was unpacked in part, and there is more room for it now. */
  async hasMoreRoom(): Promise<boolean> {
    return this.spool?.isStarved === true && (await this.#room.hasGrown(this.spool.size));
  }

  async close(): Promise<void> {
    const spool = this.spool;
    this.spool = undefined;
    await spool?.close();
  }
}
