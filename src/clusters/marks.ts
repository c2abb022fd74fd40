// What stands around a token and what form it has, as bits of its mark.

/** White space stands between it and the token before. */
export const SPACED = 1;
/** It begins a line. */
export const STARTS_LINE = 2;
/** An opening bracket stands between it and the token before, without white space: `call(arg`. */
export const CALLED = 4;
/** It is the value of the token before: `k=v`. */
export const VALUE_OF_EQUALS = 8;
/** `k:v` */
export const VALUE_OF_COLON = 16;
/** `k: v` */
export const VALUE_OF_SPACED_COLON = 32;
/** An equals sign follows, so it is a key. */
export const IS_KEY = 64;
/** A bracket, comma, quote or the like, or the end, follows rather than a space. */
export const CLOSED = 128;
/** A bracket, comma, quote or the like stands between it and the token before. */
export const OPENED = 256;
/** It stands in quotes, alone; or is a quoted value, spaces and all. */
export const QUOTED = 512;
/** Its own form: a digit, slash, at sign or inner dot; a long run of hex letters; longer than any word. */
export const VARIABLE_SHAPE = 1_024;
export const HAS_LETTER = 2_048;
export const STARTS_WITH_DIGIT = 4_096;
export const ENDS_WITH_DIGIT = 8_192;
/** `LOCAL`, `ENOTFOUND` */
export const IS_UPPER = 16_384;
/** `TypeError`, `java.io.IOException`, `S3Exception`, `ECONNREFUSED`, `EAI_AGAIN`. */
export const IS_ERROR_NAME = 32_768;
/** It stands in quotes that hold no white space, and is no name of code as `users_pkey` and `readOnly` are. */
export const GIVEN = 65_536;
/** `stopped`, `missing`: what is said of something. */
export const IS_PARTICIPLE = 131_072;
/** An opening square bracket stands between it and the token before, without white space: `sshd[812]`. */
export const INDEXED = 262_144;
/** A hyphen or underscore joins its words: `node-red`, `orders_eu`. */
export const IS_JOINED = 524_288;
/** Letters with dots between them: `java.home`. */
export const IS_DOTTED = 1_048_576;

export const VALUE = VALUE_OF_EQUALS | VALUE_OF_COLON | VALUE_OF_SPACED_COLON;
