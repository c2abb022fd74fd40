import { isWordlike } from "./wordlike.ts";

/** Letters mixed with digits or signs, as a password is: `x7Kp9q`, `Summer2024!`. Names and things of programs are none. */
export function isMixed(value: string): boolean {
  if (value.length < 6 || isWordlike(value)) return false;
  return /[a-z]/i.test(value) && /\d|[a-z][!#$^*][a-z]/i.test(value) && !OF_PROGRAMS.test(value);
}

/** Paths, flags, addresses, stamps, numbers with a unit, versions, algorithms, expressions, pairs, files. */
const OF_PROGRAMS =
  /^(?:[/~\\.$-]|0x|\d+[.:]|v\d|\d{1,6}[a-z]{1,4}$|\d{4}-\d\d|sha\d|md\d|hmac|pbkdf|scrypt|bcrypt|argon|aes)|[/\\(){}[\]<>]|=(?!=?$)|::|%[sdv]|\.(?:[a-z]{2,5}|js|[ct]s)(?::\d|$)|^[\w.-]+:\d{1,5}$/i;

/** Drawn at random, as the tokens of links are: digits among letters, or a long run of letters in both cases. */
export function isDrawn(value: string): boolean {
  if (value.length < 8 || isWordlike(value) || /\.(?:[a-z]{2,5}|js|[ct]s)$/i.test(value)) return false;
  return /\d/.test(value) ? /[a-z]/i.test(value) : value.length >= 16 && /[a-z][A-Z].*[a-z][A-Z]/.test(value);
}
