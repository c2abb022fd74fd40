import { ABOUT, HARMLESS_BEFORE_TOKEN, KEY_OF, PERSONAL, SOURCE_FILE } from "./keyWords.ts";

/** How much a key says about its value. */
export interface KeyMeaning {
  /** What the placeholder is called. */
  kind: string;
  /** `certain`: any value is a secret. `likely`: names and small numbers are not (`token=bucket-13`). */
  trust: "certain" | "likely";
}

/** What a key is for the values around it. */
export interface KeyRole {
  /** What it says of its own value; nothing for most keys. */
  meaning?: KeyMeaning;
  /** What it says of the values below it: `secrets: {db: …}`. */
  below?: KeyMeaning;
  /** Its value is the name of another value: `{"name": "DB_PASSWORD", "value": …}`. */
  names: boolean;
  /** Its value is the one that another key's value names. */
  holds: boolean;
}

/** A text without any of these has no key that means anything. */
export const KEY_HINT =
  /pass|pwd|pw|psk|kty|pat(?![a-z])|honeycomb-team|secret|token|key|encrypt|auth|cred|sig|sid|sess|jwt|bearer|otp|pin|cv[cv]|ssn|social|phone|mobile|msisdn|iban|card|wort|woord|contrase|senha|clave|geheim|has[lł]o|heslo|parol|cod(?:ice|e[_-]?ver|(?<=(?:fa|auth|ion|time|login|sms|overy|backup)[ _-]?cod)e)|saml|l[oö]senord|salasana|adgangskode|mnemonic|phrase|stringdata|sandi|şifre|парол|ｐａｓｓ|ＰＡＳＳ|密码|密碼|口令|パスワード|비밀번호|암호/i;

export function roleOf(key: string): KeyRole {
  const meaning = meaningOf(key);
  // Below `tokens` stand counts.
  const below =
    (/tokens$/i.test(key) ? undefined : meaning) ??
    (CONTAINER.test(key) ? { kind: "secret", trust: "likely" as const } : undefined);
  return {
    ...(meaning === undefined ? {} : { meaning }),
    ...(below === undefined ? {} : { below }),
    names: NAMING.test(key),
    holds: HOLDING.test(key),
  };
}

/** Not `tokens`: below it stand counts. */
const CONTAINER =
  /^(?:[\w-]{0,24}[._-])?(?:secrets|credentials|creds|passwords|stringdata|apikeys|api_keys)$/i;
const NAMING =
  /^(?:\w{1,24}[.-])?(?:\w{0,24}(?:key|name)|k|header|param|parameter|variable|var|field|property|option|attribute|env|label|type|id)$/i;
const HOLDING =
  /^(?:value|val|v|content|data|default|text|raw|plain|plaintext|string|current|new|old|\w{0,24}values?|s|_|_?text)$/i;

/** What stands below a key that holds secrets and is none itself: `credentials: {username: …}`. */
export function isHarmlessBelow(key: string): boolean {
  const words = wordsOf(key);
  return (
    ABOUT.has(words.at(-1) ?? "") ||
    /^(?:user|username|login|host|hostname|port|database|db|email|region|kind|namespace|account|bucket|address|server|schema|created|updated|date|description)$/.test(
      words.at(-1) ?? "",
    )
  );
}

/** What a key's name says of its value; nothing for most keys. */
export function meaningOf(key: string): KeyMeaning | undefined {
  if (!KEY_HINT.test(key)) return undefined;
  // `Password.java:12` is a place in a program.
  if (SOURCE_FILE.test(key)) return undefined;
  const words = wordsOf(key);
  // `token_value`, `secretString`, `phoneNumber`: the word before says what it is.
  while (words.length > 1 && TRAILING.test(words.at(-1) ?? "")) words.pop();
  const last = words.at(-1) ?? "";
  // `grafana_session`; a session alone is many things.
  if (/(?:^| )session id$|. session$/.test(words.join(" "))) return { kind: "session", trust: "likely" };
  // Alone it is many things: `judge.ts` asks more of it.
  if (words.join(" ") === "session") return { kind: "session", trust: "likely" };
  if (ABOUT.has(last) || words.includes("public")) return undefined;
  if (words.length > 1 && HARMLESS_BEFORE_TOKEN.has(words.at(-2) ?? "")) return undefined;
  return passwordMeaning(words, last) ?? personalMeaning(words, last) ?? tokenMeaning(words, last);
}

const TRAILING = /^(?:value|string|raw|plain|plaintext|base64|b64|data|number|no|num|nr|\d{1,3})$/;
const PASSWORD =
  /passw[o0]rds?\d{0,2}$|passwd\d{0,2}$|passphrase$|passcode$|passwort$|^pgpass$|kennwort$|wachtwoord$|^contrase(?:ñ|n|nn|ni)a$|^senha$|^haslo$|^hasło$|^heslo$|^l[oö]senord$|^salasana$|^adgangskode$|^mnemonic$|^şifre$|^sandi$|^парол[ьяюи]?$|^密码$|^密碼$|^口令$|パスワード$|^비밀번호$|^암호$|^motdepasse$|^clavesecreta$|^requirepass$|^masterauth$|^psk$/;
/** Only as the last word: `pass_rate`, `pass_through`. `bypass` and `compass` are other words. */
const SHORT_PASSWORD =
  /^(?:db|user|usr|admin|root|my|smtp|mail|ftp|sftp|ldap|redis|mysql|pg|sql|bind|login|http|proxy|key|store|keystore|trust|cert|pfx|p12|new|old|sudo|app|wifi|ssh|mongo|mqtt|amqp|rabbit|ora|sys|auth|enable)?(?:pass|pwd|pw|psw|pswd)\d{0,2}$/;

function passwordMeaning(words: readonly string[], last: string): KeyMeaning | undefined {
  const isPassword =
    words.some((word) => PASSWORD.test(word)) ||
    SHORT_PASSWORD.test(last) ||
    // `pass_hash`, `pwd_md5`
    (words.length > 1 &&
      /^(?:hash|md5|sha1|sha256|confirm|confirmation|again|repeat|word|phrase|code|new|old|env|enc|encrypted)$/.test(
        last,
      ) &&
      SHORT_PASSWORD.test(words.at(-2) ?? "")) ||
    /(?:^| )mot de passe$|(?:^| )(?:seed|recovery|secret|pass) phrase$|(?:^| )kata sandi$/.test(
      words.join(" "),
    );
  return isPassword ? { kind: "password", trust: "certain" } : undefined;
}

function personalMeaning(words: readonly string[], last: string): KeyMeaning | undefined {
  const kind =
    PERSONAL.get(last) ?? PERSONAL.get(words.slice(-2).join(" ")) ?? PERSONAL.get(words.slice(-3).join(" "));
  return kind === undefined ? undefined : { kind, trust: "likely" };
}

/** `X-Idempotency-Key` and its like are made anew for each request, or known to all. */
const HARMLESS_KEY =
  /^(?:idempotency|idempotent|cache|surrogate|partition|routing|dedup\w*|request|public|trace|correlation|sort|shard)$/;

const SECRET_WORD =
  /^(?:secret|token|auth|cred|credential|credentials|creds|sig|signature|sid|jsessionid|phpsessid|sessionid|sessionkey|authkey)$|secret$|token$/;

/** Statements of who somebody is, and what proves that a sign-in is one's own. Its challenge is public. */
const OF_SIGN_IN = /(?:^| )(?:saml ?(?:response|request|assertion)|code ?verifier|auth(?:orization)? code)$/;

function tokenMeaning(words: readonly string[], last: string): KeyMeaning | undefined {
  if (/^(?:proxy)?authorization$/.test(last)) return { kind: "authorization", trust: "likely" };
  if (words.some((word) => /secret$/.test(word))) {
    return { kind: "secret", trust: "certain" };
  }
  // A personal access token; Honeycomb calls its key a team.
  if (last === "pat" || /(?:^| )honeycomb team$/.test(words.join(" ")))
    return { kind: "token", trust: "likely" };
  if (/token$|^jwt$|^bearer$/.test(last)) return { kind: "token", trust: "likely" };
  if (OF_SIGN_IN.test(words.join(" "))) return { kind: "token", trust: "likely" };
  if (
    /^(?:x?api|access|auth|account|secret|private|signing|encryption|master|app|license)keys?$/.test(last)
  ) {
    return { kind: "api-key", trust: "likely" };
  }
  // `X-Gotify-Key`: a header of its own.
  if (last === "key" && words[0] === "x" && !HARMLESS_KEY.test(words.at(-2) ?? ""))
    return { kind: "api-key", trust: "likely" };
  if (last === "tokens" || (last === "encrypt" && words.length === 1))
    return { kind: "token", trust: "likely" };
  if (last === "sign" && /^(?:access|api|request)$/.test(words.at(-2) ?? ""))
    return { kind: "signature", trust: "likely" };
  if (last === "key" || last === "keys") {
    return KEY_OF.has(words.at(-2) ?? "") ? { kind: "api-key", trust: "likely" } : undefined;
  }
  return SECRET_WORD.test(last) ? { kind: "secret", trust: "likely" } : undefined;
}

/** `aws_secretAccess-Key` → aws, secret, access, key. */
function wordsOf(key: string): string[] {
  // Most keys are written so.
  if (/^[a-z\d_.:-]*$/.test(key)) return key.split(/[_.:-]+/).filter((word) => word !== "");
  return key
    .normalize("NFKC")
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{M}\d]+/u)
    .filter((word) => word !== "");
}
