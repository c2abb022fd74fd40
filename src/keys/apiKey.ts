import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * A raw key: `lh_<key id>_<secret>_<checksum>`, in base 62 but for its marks. 65 bytes, all of which bcrypt reads
 * (it reads 72: https://www.npmjs.com/package/bcrypt#security-issues-and-concerns).
 */
export interface RawKey {
  /** The row it is looked up by: a uuid. */
  id: string;
  raw: string;
}

/** Finds keys in any text, for secret scanners; docs/keys.md shows it. */
export const KEY_PATTERN = /\blh_[0-9A-Za-z]{22}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}\b/;

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = BigInt(DIGITS.length);
/** 128 bits. */
const ID_DIGITS = 22;
/** 190 bits: nobody tries them all. */
const SECRET_DIGITS = 32;
/** A CRC32 of what stands before it: enough for typing errors, and it keeps no secret. */
const CHECKSUM_DIGITS = 6;
const WHOLE = new RegExp(
  `^lh_([0-9A-Za-z]{${ID_DIGITS}})_[0-9A-Za-z]{${SECRET_DIGITS}}_([0-9A-Za-z]{${CHECKSUM_DIGITS}})$`,
);
/** The last characters of a key, by which people tell theirs apart. They are of the checksum. */
const LAST = 4;

/** A new key for a row. @param id the row's uuid */
export function makeKey(id: string): RawKey {
  const body = `lh_${inBase62(BigInt(`0x${id.replaceAll("-", "")}`), ID_DIGITS)}_${randomDigits(SECRET_DIGITS)}`;
  return { id, raw: `${body}_${checksumOf(body)}` };
}

/** Reads what somebody presents as a key; undefined where it can be none, which is known without looking anywhere. */
export function readKey(raw: string): RawKey | undefined {
  const [, idDigits, checksum] = WHOLE.exec(raw) ?? [];
  if (idDigits === undefined || checksum !== checksumOf(raw.slice(0, -(CHECKSUM_DIGITS + 1))))
    return undefined;
  const id = uuidOf(idDigits);
  return id === undefined ? undefined : { id, raw };
}

export function lastFourOf({ raw }: RawKey): string {
  return raw.slice(-LAST);
}

function checksumOf(body: string): string {
  return inBase62(BigInt(crc32(body)), CHECKSUM_DIGITS);
}

function inBase62(number: bigint, digits: number): string {
  let text = "";
  for (let rest = number; rest > 0n; rest /= BASE) text = DIGITS[Number(rest % BASE)] + text;
  return text.padStart(digits, "0");
}

function uuidOf(text: string): string | undefined {
  let number = 0n;
  for (const digit of text) number = number * BASE + BigInt(DIGITS.indexOf(digit));
  if (number >= 1n << 128n) return undefined;
  return number
    .toString(16)
    .padStart(32, "0")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Each digit as likely as any other: bytes that would make the first ones likelier are thrown away. */
function randomDigits(count: number): string {
  let text = "";
  while (text.length < count) {
    for (const byte of randomBytes(count)) {
      if (byte < 248 && text.length < count) text += DIGITS[byte % DIGITS.length];
    }
  }
  return text;
}
