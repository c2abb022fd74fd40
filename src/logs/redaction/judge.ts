import { isDrawn } from "./drawn.ts";
import type { Key } from "./keyBefore.ts";
import type { KeyMeaning } from "./keyNames.ts";
import { meaningOf } from "./keyNames.ts";
import type { Separator } from "./separators.ts";
import { isWholeLine, type Value } from "./values.ts";
import { isPlaceholder, isWordlike } from "./wordlike.ts";

/** Where in the text a key, its separator and its value stand. */
export interface Pair {
  text: string;
  key: Key;
  separator: Separator;
  value: Value;
}

/** Whether the value of a key with that meaning is a secret, and not a word about one. */
export function isSecret(pair: Pair, meaning: KeyMeaning): boolean {
  const { value, separator } = pair;
  const { text } = value;
  if (isPlaceholder(text) || /^[{[(]/.test(text) || text.includes("<redacted:")) return false;
  // An id of ZooKeeper's is no key to its session.
  if (/session[ _-]?id$/i.test(pair.key.name) && /^0x[\da-f]{1,16}$/i.test(text)) return false;
  const formed = FORMS[meaning.kind];
  if (formed !== undefined && !formed(text)) return false;
  // A session that is no more than named may be numbered; what is long and drawn of all letters and digits is a cookie's.
  if (/^session$/i.test(pair.key.name)) return text.length >= 32 && /[a-z]/.test(text) && /[A-Z]/.test(text);
  if (formed !== undefined) return true;
  // The working directory: sudo writes it into each of its lines.
  if (/^(?:old)?pwd$/i.test(pair.key.name) && /^(?:[/~]|[A-Z]:\\?$)/.test(text)) return false;
  // PHP's `["password":protected]`.
  if (/^(?:protected|private)\]/.test(text)) return false;
  // A security identifier of Windows, and what a test run counts: `pass: 12`, `pass=98%`.
  if (
    /^S-1-\d/.test(text) ||
    (/pass$/i.test(pair.key.name) && /^[\d.,:]{1,7}(?:%|m?s|\/\d{1,5})?$/.test(text))
  )
    return false;
  // `--- PASS: TestOAuth2Login (0.01s)` of a test run.
  if (pair.key.name === "PASS" && /^(?:Test|Example|Fuzz|Benchmark)[A-Z_]|\.(?:test|spec)\./.test(text))
    return false;
  const isBare = !value.quoted && (separator.kind === "equals" || separator.kind === "colon");
  if (isComplaint(text) || (isBare && isExpression(pair))) return false;
  if (
    meaning.trust === "likely" &&
    (separator.kind === "bar" || separator.kind === "tab") &&
    isColumnWord(text)
  )
    return false;
  if (meaning.trust === "likely") return text.length >= 6 && !isWordlike(text);
  switch (separator.kind) {
    case "equals":
      return !isReference(text, meaning);
    case "tag":
      return !/\s/.test(text) || !isSentence(text);
    case "comma":
      return isSecretOfTuple(pair);
    case "tab":
    case "bar":
      return !isColumnWord(text);
    case "colon":
      return isSecretOfColon(pair, meaning);
  }
}

/** What a form says of a password it refuses: `{"password": "must be at least 8 characters"}`. */
function isComplaint(text: string): boolean {
  return (
    /\s/.test(text) &&
    /\b(?:must|required|too (?:short|long|weak|common|simple)|invalid|incorrect|can(?:'|’|no)?t be|at (?:least|most)|characters|(?:doesn't|does not|do not|don't) match|field|be blank|expired)\b/i.test(
      text,
    )
  );
}

/** Personal data has a form whatever its key says. */
const FORMS: Readonly<Record<string, ((text: string) => boolean) | undefined>> = {
  phone: (text) => {
    const digits = text.replace(/\D/g, "").length;
    return digits >= 7 && digits <= 16 && /^[\d\s().+/\u2010-\u2013-]+$/.test(text);
  },
  card: (text) => text.replace(/\D/g, "").length >= 12 && /^[\d\s.-]+$/.test(text),
  iban: (text) => /^[A-Z]{2}\d{2}[A-Z0-9\s-]{11,40}$/i.test(text),
  ssn: (text) => /^\d{3}[\s.-]?\d{2}[\s.-]?\d{4}$/.test(text),
  passport: (text) => /^(?=[A-Z]{0,8}\d)[A-Z0-9]{6,12}$/i.test(text),
  session: isSessionId,
  "recovery-code": (text) =>
    /^(?=[a-z-]{0,12}\d)[a-z\d]{3,16}(?:-[a-z\d]{3,8}){0,5}$/i.test(text) && text.length >= 6,
  pin: isCode,
  otp: isCode,
  "card-code": isCode,
};

/** What a visitor proves with that a session is his, drawn at random. Counters and the ids of databases prove nothing. */
function isSessionId(text: string): boolean {
  return (
    text.length >= 12 &&
    /^[\w~+/=%.:-]+$/.test(text) &&
    !/^[\da-f]{1,8}\.[\da-f]{1,8}$|session_?id$/i.test(text) &&
    isDrawn(text)
  );
}

function isCode(text: string): boolean {
  return /^\d{3,8}$/.test(text);
}

/** `secret="default/db-creds"`: the name of an object in a cluster. */
function isReference(text: string, meaning: KeyMeaning): boolean {
  return meaning.kind === "secret" && /^[a-z\d.-]{1,63}\/[a-z\d.-]{1,128}$/.test(text) && isWordlike(text);
}

/** A program's own line, in a stack trace or a diff: `password = getpass.getpass()`, `process.env.DB_PASSWORD`. */
function isExpression({ text: whole, key, separator, value }: Pair): boolean {
  const { text } = value;
  return (
    ((separator.mark === "->" || separator.mark === "→" || separator.mark === "<-") && isWordlike(text)) ||
    separator.mark === "==" ||
    (/^[\w.]+$/.test(text) && text.endsWith(`.${key.name}`)) ||
    separator.mark === "===" ||
    (/^(?:typeof|await|new|async|function|not)$/.test(text) &&
      /^ \w/.test(whole.slice(value.to, value.to + 2))) ||
    /^[A-Za-z_][\w.]{2,60}\($/.test(text) ||
    /^(?:process\.env|os\.environ|os\.getenv|self|this|req|request|props|params|config|settings|options|opts|args|form|body|data|user|ENV|env|System)(?:\.[A-Za-z_]|\[)/.test(
      text,
    )
  );
}

/** A word as columns and fields are called: `first_name`, `varchar(255)`. */
function isColumnWord(text: string): boolean {
  return (
    /^[A-Za-z_]+(?:\(\d{1,5}(?:,\d{1,3})?\))?[,;]?$/.test(text) ||
    /^[\d.,:%+-]{1,12}$/.test(text) ||
    /\.\w{1,5}$/.test(text)
  );
}

/** `["password", "x"]` is a pair; in a longer list of names the next one is no value. */
function isSecretOfTuple({ text, key, separator, value }: Pair): boolean {
  // PHP's serialised strings come as key and value.
  if (separator.mark === ";") return true;
  if (isColumnWord(value.text) || meaningOf(value.text) !== undefined) return false;
  if (!isWordlike(value.text)) return value.text.length >= 4;
  const opens = /[[({]\s{0,8}[:\\]{0,15}(?:["'`]|&quot;|u0022)?$/.test(
    text.slice(Math.max(0, key.from - 32), key.from),
  );
  return (
    opens &&
    /^(?:\\{0,15}["'`]|&quot;|\\u0022)\s{0,8},?\s{0,8}[\])}]/.test(text.slice(value.to, value.to + 36))
  );
}

function isSecretOfColon(pair: Pair, meaning: KeyMeaning): boolean {
  const { separator, value } = pair;
  if (value.quoted) return !isReference(value.text, meaning);
  // A path of names in a program: `password::verify`.
  if (separator.mark === "::") return !/^\w+(?:\(|::|$)/.test(value.text) && !isWordlike(value.text);
  if (!value.spaced) return true;
  // `Secret:  type=Opaque` lists what it is, `secret: 2 keys` counts.
  if (
    /^[A-Za-z_]{2,20}=[^=]/.test(value.text) ||
    (meaning.kind !== "password" && /^\d{1,3}$/.test(value.text))
  ) {
    return false;
  }
  // `password: must be long` is a sentence, `password: x7Kp` is not.
  if (!isWordlike(value.text) || /\d/.test(value.text)) return true;
  return (
    meaning.kind === "password" &&
    (isWholeLine(pair.text, pair.key, value) || isOfMap(pair) || isOfSetting(pair))
  );
}

/** `spring.datasource.password: correct-horse` at the end of a line: nobody writes a sentence so. */
function isOfSetting({ text, key, value }: Pair): boolean {
  return (
    /[a-z\d][._-][a-z]|[a-z][A-Z]/i.test(key.name) &&
    !/^[A-Za-z]+$/.test(value.text) &&
    /^[ \t]{0,8}(?:$|\r?\n|\\r|\\n)/.test(text.slice(value.to, value.to + 12))
  );
}

/** `{user: bob, password: correct-horse}` */
function isOfMap({ text, key, value }: Pair): boolean {
  return (
    !/^[A-Za-z]+$/.test(value.text) &&
    /[{,(]\s{0,8}[:"'\\]{0,4}$/.test(text.slice(Math.max(0, key.from - 16), key.from)) &&
    /^\s{0,8}[,})\]]/.test(text.slice(value.to, value.to + 10))
  );
}

const PASSPHRASE = /[a-z]{3,10}(?:[ -][a-z]{3,10}){2,23}(?=[ \t]{0,8}(?:$|[\r\n"'},;)]|\\r|\\n))/y;
const OF_SENTENCES =
  /\b(?:must|should|cannot|can|may|will|was|were|has|have|had|been|being|are|not|never|the|this|that|least|too|for|from|with|and|but|when|while|your|you|please|wrong|invalid|incorrect|missing|expired|expires|required|reset|change|changed|failed|failure|short|long|weak|length|match|matches|mismatch|needed|user|users|does|did|does|rejected|denied|accepted|updated|verified|verification|unknown|empty|blank|given|provided|authentication|login|attempt|attempts|error|exceeded|contain|contains|characters|found|set|successfully|only|than|into|already|used|out)\b/;

/** Where a passphrase of several words ends; nothing where the words make a sentence. */
export function passphraseEnd({ text, key, separator, value }: Pair): number | undefined {
  if (value.quoted || (separator.kind === "colon" && !beginsLine(text, key))) return undefined;
  PASSPHRASE.lastIndex = value.from;
  const found = PASSPHRASE.exec(text)?.[0];
  return found === undefined || isSentence(found) ? undefined : value.from + found.length;
}

function beginsLine(text: string, key: Key): boolean {
  return /(?:^|\n|\\n)[ \t"'-]{0,80}$/.test(text.slice(Math.max(0, key.from - 80), key.from));
}

function isSentence(text: string): boolean {
  return OF_SENTENCES.test(text);
}
