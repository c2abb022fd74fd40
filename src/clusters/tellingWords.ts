/** Words of which a message says one or the other, and never both of one thing: `started`, `stopped`. */
export const OPPOSITES: readonly (readonly [string, string])[] = `
start/stop begin/end resume/pause continue/halt launch/exit up/down online/offline on/off in/out
open/close connect/disconnect attach/detach bind/release join/leave enter/exit login/logout signin/signout logon/logoff
enable/disable activate/deactivate register/deregister subscribe/unsubscribe mount/unmount load/unload install/uninstall
lock/unlock acquire/release allocate/free reserve/cancel hold/drop arm/disarm
success/failure succeed/fail pass/fail complete/abort commit/rollback finish/crash work/break
accept/reject allow/deny permit/forbid grant/revoke approve/decline allow/block authorize/refuse
add/remove create/delete insert/delete create/destroy append/truncate set/unset show/hide include/exclude
true/false yes/no valid/expired present/missing found/lost known/unknown alive/dead healthy/sick ready/busy
read/write send/receive push/pull upload/download import/export encode/decode encrypt/decrypt compress/decompress
produce/consume publish/consume request/response client/server source/target input/output
increase/decrease grow/shrink raise/lower rise/fall gain/lose upgrade/downgrade promote/demote scale/shrink
before/after first/last early/late above/below over/under more/less high/low max/min maximum/minimum full/empty
fast/slow hot/cold active/passive primary/secondary primary/replica master/slave leader/follower public/private
internal/external local/remote internal/remote hit/miss old/new same/different equal/unequal all/none always/never
with/without local/global sync/async synchronous/asynchronous manual/automatic save/discard backup/restore mute/unmute
win/lose inbound/outbound incoming/outgoing upstream/downstream left/right parent/child head/tail
`
  .trim()
  .split(/\s+/)
  .map((pair) => pair.split("/") as [string, string]);

const IRREGULAR = `
began begun left lost sent held wrote written rose risen grew grown fell fallen shrank shrunk broke broken hid hidden shown
gave won denial died die death successful unsuccessful successfully invalid froze frozen
`;

/** How something ended, none of which is another: `connection reset`, `connection timeout`. */
const OUTCOMES = `
reset timeout timed abort cancel refuse unreachable unavailable unauthorized unauthenticated forbidden conflict overflow
underflow deadlock exhaust exceed throttle reject interrupt kill panic crash segfault hang stall corrupt mismatch duplicate
stale skip ignore retry recover degrade restart reload reboot shutdown terminate drain evict stuck gone partial permanent
temporary transient
`;
const SEVERITIES =
  "trace debug info notice warn warning error err critical crit fatal severe alert emergency emerg";
/** And the commonest deeds beside those that have an opposite. */
const METHODS = "get put post patch delete head options update";
const NEGATIONS = `
not no nor neither never none non un anti without cannot longer isn wasn aren weren don doesn didn couldn won wouldn shouldn
hasn haven hadn hardly barely
`;

const SUFFIXES = ["", "s", "es", "d", "ed", "ing", "ion", "al", "able", "er", "or"];
const KNOWN = new Set(
  [
    ...OPPOSITES.flat(),
    ...[IRREGULAR, OUTCOMES, SEVERITIES, METHODS, NEGATIONS].join(" ").trim().split(/\s+/),
  ].flatMap(formsOf),
);

/** Every form that a word could have as a verb or what is made of one; nonsense among them does no harm: nobody writes it. */
function formsOf(word: string): string[] {
  // `in` and `on` have no forms, and `ing` and `ones` would be words.
  if (word.length < 3) return [word];
  const stems = [word, word.replace(/e$/, ""), word.replace(/y$/, "i"), word.replace(/[^aeiouwxy]$/, "$&$&")];
  return stems.flatMap((stem) => SUFFIXES.map((suffix) => stem + suffix));
}

const ERROR_NAME = /(?:Error|Exception|Fault)$/;
/** An error code, an HTTP method, a level, a state: `ECONNRESET`, `NOT_FOUND`. */
const CAPITALS = /^\p{Lu}[\p{Lu}_-]+$/u;
/** Not `feed` and `speed`. */
const PARTICIPLE = /..[^e]ed$/;
const NEGATING = ["un", "dis", "de", "in", "im", "il", "ir", "non", "mis", "a"];

/**
 * Whether two words that stand in the same place of two messages make them tell different things, rather than the same thing of
 * two names. By the words alone, and on the safe side: a name that could be a deed is taken for one.
 */
export function tellApart(a: string, b: string): boolean {
  if ([a, b].some((word) => ERROR_NAME.test(word) || CAPITALS.test(word) || word.includes("="))) return true;
  const ofA = partsOf(a);
  const ofB = partsOf(b);
  const onlyA = ofA.filter((part) => !ofB.includes(part));
  const onlyB = ofB.filter((part) => !ofA.includes(part));
  // `half-open` is not `open`, where `mail-reader` and `letter-reader` both read.
  const isLonger = (onlyA.length === 0) !== (onlyB.length === 0);
  const telling = isLonger ? [...ofA, ...ofB] : [...onlyA, ...onlyB];
  if (telling.some((part) => KNOWN.has(part) || PARTICIPLE.test(part))) return true;
  if (isDeed(a) && isDeed(b)) return true;
  return onlyA.some((one) => onlyB.some((other) => negates(one, other) || negates(other, one)));
}

/** `removing`: what is done. */
export function isDeed(word: string): boolean {
  return /...ing$/i.test(word);
}

/** Most words, for which looking within them would take several times as long. */
const PLAIN = /^[a-z]+$/;

/** `onConnect`, `link-up`: the words within a word. */
function partsOf(word: string): string[] {
  if (PLAIN.test(word)) return [word];
  return word
    .split(/[^\p{L}]+|(?<=\p{Ll})(?=\p{Lu})/u)
    .filter((part) => part !== "")
    .map((part) => part.toLowerCase());
}

function negates(one: string, other: string): boolean {
  return one.endsWith(other) && NEGATING.includes(one.slice(0, -other.length));
}
