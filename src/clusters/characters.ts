/** What a character is, as bits. */
export const SPACE = 1;
export const DELIMITER = 2;
export const DOT = 4;
export const COLON = 8;
export const DIGIT = 16;
export const PATH = 32;
export const HEX_LETTER = 64;
export const LETTER = 128;
/** `[A-Z_]` */
export const UPPER = 256;
/** `[\w$.\\]` */
export const NAME = 512;
/** `-` and `_` */
export const JOINER = 1024;
export const BREAK = SPACE | DELIMITER;
export const NO_WORD = BREAK | DOT | COLON;

/** Of every UTF-16 unit: a table that no index can leave needs no look whether it does. */
export const KINDS = new Uint16Array(65_536).fill(LETTER, 128);
function are(characters: string, bits: number): void {
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    KINDS[code] = (KINDS[code] as number) | bits;
  }
}
KINDS.fill(SPACE, 0, 33);
for (const code of [0x7f, 0xa0, 0x2028, 0x2029, 0xfeff]) KINDS[code] = SPACE;
are("()[]{}<>\"'`,;=|", DELIMITER);
are(".", DOT | NAME);
are(":", COLON);
are("0123456789", DIGIT | NAME);
are("/\\@", PATH);
are("\\", NAME);
are("abcdefABCDEF", HEX_LETTER);
are("abcdefghijklmnopqrstuvwxyz", LETTER | NAME);
are("ABCDEFGHIJKLMNOPQRSTUVWXYZ", LETTER | NAME | UPPER);
are("_", NAME | UPPER);
are("$", NAME);
are("-_", JOINER);
