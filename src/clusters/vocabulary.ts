import { wordHash } from "./wordHash.ts";

/** What a word is known for, as bits. */
export const CONSTANT = 1;
/** No name; among them the single letters that are words. */
export const ARTICLE = 2;
/** Before the name of somebody or something: `user bob`. */
export const NAMING = 4;
/** What is said of a user or host rather than its name: `user unknown`. */
export const STATE = 8;
export const PREPOSITION = 16;
export const ACCOUNT = 32;
export const UNIT = 64;
export const CALENDAR = 128;
/** A key whose value is a sentence: what it says is what happened. */
export const PROSE = 256;
export const AT = 512;
export const FOR = 1024;
export const FROM = 2048;
/** Before the number of a process. */
export const PROCESS = 4096;
export const OF = 8192;
/** Before the name of one of many things, which only its form tells from the word that goes on: `client node-red`, `client gone`. */
export const THING = 16_384;
/** A word that answers a question: `using password: YES`. */
export const ANSWER = 32_768;
/** What begins an HTTP request: `"GET /orders HTTP/1.1"`. */
export const METHOD = 65_536;

const WORDS: readonly [bits: number, words: string][] = [
  [CONSTANT, "true false True False null NULL nil None"],
  [ARTICLE, "a A I an the all each its this these those them"],
  [NAMING, anyCase("user username account customer tenant container host hostname node server pod")],
  [NAMING, anyCase("merchant partner vendor supplier subscriber organisation organization team workspace")],
  [
    THING,
    anyCase(
      "client device group topic queue channel session member agent endpoint peer broker job worker sensor gateway cluster bucket namespace service deployment workflow pipeline dag volume instance stream consumer producer region zone domain registry runner vhost",
    ),
  ],
  [METHOD, "GET HEAD POST PUT PATCH DELETE OPTIONS"],
  [ANSWER, anyCase("yes no on off")],
  [
    STATE,
    "not is was has unknown unreachable down up offline online locked disabled and or left lost gone dead full ready busy",
  ],
  [STATE, "name id request error failed"],
  [PREPOSITION, "from by on at to in with for via is was has not"],
  [PREPOSITION, "does did had will can cannot could must logged"],
  [ACCOUNT, "root admin administrator guest nobody"],
  [
    UNIT,
    "B kB KB MB GB TB PB KiB MiB GiB TiB byte bytes ns us µs ms s sec secs second seconds min mins minute minutes hour hours day days",
  ],
  [UNIT, "EUR USD GBP JPY CHF CNY INR CAD AUD BRL SEK NOK DKK PLN CZK"],
  [CALENDAR, "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"],
  [CALENDAR, "UTC GMT CET CEST EST EDT PST PDT"],
  [PROSE, anyCase("error err msg message reason cause exception detail description")],
  [AT, "at"],
  [FOR, "for"],
  [FROM, "from"],
  [OF, "of"],
  [PROCESS, anyCase("process pid task")],
];

/** As people write words: `user`, `User`, `USER`. */
function anyCase(words: string): string {
  const capitals = words.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
  return `${words} ${capitals} ${words.toUpperCase()}`;
}

/** Of a power of two, several times as many as there are words, so that a search seldom takes a second step. */
const SLOTS = 1_024;
/** No word known is longer. */
const LONGEST = 13;

const hashes = new Int32Array(SLOTS);
const bits = new Uint32Array(SLOTS);
for (const [of, words] of WORDS) {
  for (const word of words.split(" ")) {
    const hash = wordHash(word);
    const slot = slotOf(hash);
    hashes[slot] = hash;
    bits[slot] = (bits[slot] as number) | of;
  }
}

/**
 * What a word is known for, by its hash: a set of strings would want each word of every line cut out.
 * @returns bits; 0 for a word that is not known
 */
export function knownFor(hash: number, length: number): number {
  return length > LONGEST ? 0 : (bits[slotOf(hash)] as number);
}

/** Where a hash stands, or the free slot where it would. */
function slotOf(hash: number): number {
  let slot = hash & (SLOTS - 1);
  while (bits[slot] !== 0 && hashes[slot] !== hash) slot = (slot + 1) & (SLOTS - 1);
  return slot;
}
