/** What a file holds, judged by its first bytes and not by its name. */
export type Kind = "text" | "gzip" | { refused: string };

/** So much of a file's beginning is looked at. */
export const SNIFFED_BYTES = 64 * 1024;

export function sniff(first: Buffer): Kind {
  if (first[0] === 0x1f && first[1] === 0x8b) return "gzip";
  for (const { name, magic } of PACKED) {
    if (first.subarray(0, magic.length).equals(magic)) {
      return { refused: `is packed with ${name}, which is not read: unpack it, or pack it with gzip` };
    }
  }
  if ((first[0] === 0xff && first[1] === 0xfe) || (first[0] === 0xfe && first[1] === 0xff)) {
    return { refused: "is UTF-16 text, which is not read: convert it to UTF-8" };
  }
  return isBinary(first) ? { refused: "holds binary data, not lines of text" } : "text";
}

/** Why what a .gz holds is not read. */
export function refusalOf(unpacked: Buffer): string | undefined {
  const kind = sniff(unpacked);
  if (kind === "text") return undefined;
  return typeof kind === "object" ? kind.refused : "is packed twice";
}

const PACKED = [
  { name: "zstd", magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
  { name: "xz", magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) },
  { name: "bzip2", magic: Buffer.from("BZh") },
  { name: "zip", magic: Buffer.from("PK\x03\x04") },
];

/** A run of NULs this long is a hole that a crash or a truncation left in a log; a shorter one is so many odd bytes. */
const HOLE_BYTES = 16;
/** Latin-1 text has a stray byte here and there; compressed or executable data is a third odd bytes and more. */
const MOST_ODD_BYTES = 0.2;

/** By the share of odd bytes: one NUL that somebody got into a log must not hide the log. */
function isBinary(first: Buffer): boolean {
  let odd = 0;
  let text = 0;
  let nuls = 0;
  const endRun = () => {
    if (nuls < HOLE_BYTES) {
      odd += nuls;
      text += nuls;
    }
    nuls = 0;
  };
  for (const byte of first) {
    if (byte === 0) {
      nuls++;
      continue;
    }
    endRun();
    text++;
    if (byte < 0x20 && !(byte >= 0x07 && byte <= 0x0d) && byte !== 0x1b) odd++;
  }
  // A hole may go on past what was read.
  if (first.length < SNIFFED_BYTES) endRun();
  odd += replacedIn(first);
  return text > 0 && odd / text > MOST_ODD_BYTES;
}

/** How many bytes are not UTF-8. The last character may be cut by the end of the sniffed part: at most 3. */
function replacedIn(first: Buffer): number {
  let count = 0;
  const decoded = first.toString("utf8");
  for (let at = decoded.indexOf("\ufffd"); at !== -1; at = decoded.indexOf("\ufffd", at + 1)) count++;
  return first.length === SNIFFED_BYTES ? Math.max(0, count - 3) : count;
}
