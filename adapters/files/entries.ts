import { createLineJoiner } from "../../src/logs/multiline.ts";
import type { Bytes } from "./bytes.ts";
import { type LineFaults, readLines, type Span } from "./physicalLines.ts";

/** One log entry, possibly several physical lines, and the bytes it takes up. */
export interface Entry {
  text: string;
  at: number;
  end: number;
}

/**
 * A file is indexed and read again in blocks of whole entries, each about this long. Smaller blocks make
 * the index larger, larger ones make a query of one minute parse more: 256 KB take 30 ms at 8 MB/s.
 */
export const BLOCK_BYTES = 256 * 1024;

/**
 * A block ends after so many entries too. Of lines of one character 256 KB would be 131,072, and every table, minute
 * and turn is reckoned by the few thousand that usual lines make.
 */
const MOST_ENTRIES = 16_384;

export interface EntryReader {
  entry(entry: Entry): void;
  /** The entries from here on belong to a new block. */
  block?(at: number): void;
}

/**
 * Reads every entry of the span. Lines are joined anew from each block on, so that a block read alone
 * gives the entries it was indexed with.
 */
export async function readEntries(
  bytes: Bytes,
  span: Span,
  reader: EntryReader,
  faults: LineFaults,
  isClosed: () => boolean,
): Promise<void> {
  let joiner = createLineJoiner();
  let blockAt = span.from;
  let at = span.from;
  let end = span.from;
  let isHeld = false;
  let entries = 0;

  function hand(text: string): void {
    entries++;
    reader.entry({ text, at, end });
  }

  await readLines(
    bytes,
    span,
    (line, lineAt, lineEnd) => {
      const whole = joiner.push(line);
      if (whole !== undefined) {
        hand(whole);
        at = lineAt;
        if (lineAt - blockAt >= BLOCK_BYTES || entries >= MOST_ENTRIES) {
          blockAt = lineAt;
          entries = 0;
          reader.block?.(lineAt);
          joiner = createLineJoiner();
          joiner.push(line);
        }
      } else if (!isHeld) {
        at = lineAt;
      }
      isHeld = true;
      end = lineEnd;
    },
    faults,
    isClosed,
  );
  const last = joiner.flush();
  if (last !== undefined) hand(last);
}

/** Empty lines after an entry are joined to it, but separate it from the next. */
export function withoutEmptyEnd(text: string): string {
  let length = text.length;
  while (text.charCodeAt(length - 1) === NEWLINE) length--;
  return length === text.length ? text : text.slice(0, length);
}

const NEWLINE = 10;
