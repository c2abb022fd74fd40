import type { Bytes } from "./bytes.ts";

/** What readLines comes across; it counts up. */
export interface LineFaults {
  /** Lines longer than LONGEST_LINE, of which the rest was passed over. */
  cut: number;
  /** Runs of NUL bytes. */
  holes: number;
}

export interface Span {
  from: number;
  to: number;
  /** Whether a last line that has no line end counts. */
  takeLast: boolean;
}

/** So much of one line is kept, in bytes. */
export const LONGEST_LINE = 1024 * 1024;

/** Between two chunks other work gets its turn: 32 KB take 4 ms to parse at 8 MB/s; with 64 KB it waited twice as long. */
const CHUNK_BYTES = 32 * 1024;
const NEWLINE = 10;
const RETURN = 13;

/**
 * Calls `each` for every physical line of the span with its text (no line end, no BOM, bytes that are
 * not UTF-8 replaced) and where it stands. A run of NULs, which a crash or a copy-and-truncate
 * rotation leaves behind, ends a line and is otherwise nothing. Stops where the bytes end early.
 */
export async function readLines(
  bytes: Bytes,
  span: Span,
  each: (text: string, at: number, end: number) => void,
  faults: LineFaults,
  isClosed: () => boolean,
): Promise<void> {
  const line = new LineBeingRead(span.from, each, faults);
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, span.to - span.from)));
  for (let offset = span.from; offset < span.to && !isClosed(); ) {
    const count = await bytes.read(buffer.subarray(0, Math.min(buffer.length, span.to - offset)), offset);
    if (count === 0) break;
    split(buffer.subarray(0, count), offset, line);
    offset += count;
  }
  if (span.takeLast) line.endLast();
}

function split(chunk: Buffer, offset: number, line: LineBeingRead): void {
  let nul = chunk.indexOf(0);
  for (let start = 0; start < chunk.length; ) {
    if (start === nul) {
      while (chunk[start] === 0) start++;
      line.hole(offset + nul, offset + start);
      nul = chunk.indexOf(0, start);
      continue;
    }
    const newline = chunk.indexOf(NEWLINE, start);
    if (nul !== -1 && (newline === -1 || nul < newline)) {
      line.keep(chunk.subarray(start, nul));
      start = nul;
    } else if (newline === -1) {
      line.keep(chunk.subarray(start));
      return;
    } else {
      line.finish(chunk, start, newline, offset + newline + 1);
      start = newline + 1;
    }
  }
}

/** One line, of which pieces may have come with earlier chunks. */
class LineBeingRead {
  #at: number;
  #pieces: Buffer[] = [];
  #length = 0;
  #inHole = false;
  readonly #each: (text: string, at: number, end: number) => void;
  readonly #faults: LineFaults;

  constructor(at: number, each: (text: string, at: number, end: number) => void, faults: LineFaults) {
    this.#at = at;
    this.#each = each;
    this.#faults = faults;
  }

  /** Keeps a piece of the line, copied since its chunk is reused; nothing past the longest line. */
  keep(piece: Buffer): void {
    this.#inHole = false;
    const room = LONGEST_LINE - this.#length;
    if (room > 0) this.#pieces.push(Buffer.from(piece.subarray(0, room)));
    this.#length += piece.length;
  }

  /** Ends the line with the last piece of it, [from, to) of the chunk, and what stands at `end` comes next. */
  finish(chunk: Buffer, from: number, to: number, end: number): void {
    this.#inHole = false;
    const isFirst = this.#at === 0;
    if (this.#length === 0) {
      this.#each(textOf(chunk, from, to, isFirst), this.#at, end);
    } else {
      this.keep(chunk.subarray(from, to));
      const whole = Buffer.concat(this.#pieces);
      this.#each(textOf(whole, 0, whole.length, isFirst), this.#at, end);
      if (this.#length > LONGEST_LINE) this.#faults.cut++;
      this.#pieces = [];
      this.#length = 0;
    }
    this.#at = end;
  }

  /** Part of a run of NULs; it may have begun in an earlier chunk. */
  hole(from: number, to: number): void {
    if (this.#length > 0) this.finish(NOTHING, 0, 0, from);
    if (!this.#inHole) this.#faults.holes++;
    this.#inHole = true;
    this.#at = to;
  }

  endLast(): void {
    if (this.#length > 0) this.finish(NOTHING, 0, 0, this.#at + this.#length);
  }
}

const NOTHING = Buffer.alloc(0);
const BOM = "\ufeff";

function textOf(bytes: Buffer, from: number, to: number, isFirst: boolean): string {
  const text = bytes.toString("utf8", from, to > from && bytes[to - 1] === RETURN ? to - 1 : to);
  return isFirst && text.startsWith(BOM) ? text.slice(1) : text;
}
