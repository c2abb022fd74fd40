import { HINT } from "./hintTexts.ts";
import type { Mark } from "./mark.ts";
import { IN_COMMANDS } from "./places/commands.ts";
import { IN_DIGESTS } from "./places/digests.ts";
import { IN_LINKS } from "./places/links.ts";
import type { Place } from "./places/place.ts";
import { IN_SENTENCES } from "./places/sentences.ts";
import { IN_PROSE } from "./places/told.ts";
import { IN_URLS } from "./places/urls.ts";
import { isPlaceholder, isWordlike } from "./wordlike.ts";

/**
 * Secrets that are known by where they stand: in a URL's authority, behind a flag of a command, after
 * `Bearer`, in a cookie header, beside a word such as "token". Every repetition is bounded.
 */
export function redactPlaces(text: string, hints: number, mark: Mark): string {
  let out = text;
  for (const { hinted, hint, places } of GROUPS) {
    if ((hints & hinted) === 0 || !hint.test(out)) continue;
    for (const place of places) out = redactPlace(out, place, mark);
  }
  if ((hints & HINT.cookie) !== 0) out = redactCookies(out, mark);
  return (hints & HINT.beside) !== 0 ? redactBeside(out, mark) : out;
}

/** A group is tried where a text hints at it, and a closer look says so too: one look for its many. */
const GROUPS: readonly { hinted: number; hint: RegExp; places: readonly Place[] }[] = [
  {
    hinted: HINT.url,
    hint: /:\d{4}:|:\\{0,3}\/|%(?:25)?3A|@|[?&#]\w{3,20}=|thin:|rtmps?:|sqlplus|sqlldr|[ei][xm]pdp/i,
    places: IN_URLS,
  },
  {
    hinted: HINT.command,
    hint: /(?:^|[\s"'[,(])(?:--?|\/)[a-z]|pass:|\bnet user|configure set|alias set|from-literal|chpasswd|env\s|fastcgi_param|rabbitmqctl|wpa_pass|net use|securestring|\bsp_/i,
    places: IN_COMMANDS,
  },
  {
    hinted: HINT.sentence,
    hint: /hawk|psk |neighbor|bearer|basic|digest|login|auth|pass|pwd|token|secret|identified|crypt|cred|name=|__construct\(|new PDO\(|connect\('|ldap_bind|ftp_login/i,
    places: IN_SENTENCES,
  },
  {
    hinted: HINT.link,
    hint: /code=|[#/](?:[a-z-]{0,8}(?:reset|recover|invit|magic|activat|verif|confirm|unlock|time|log-?in|sign-?in|password|unsubscribe))|(?:in|auth|back|join)\/?#|saml|private-|hooks?[/_-]/i,
    places: IN_LINKS,
  },
  {
    hinted: HINT.prose,
    hint: /pass|pwd?\b|code|otp|[2mt]fa|ion pin|mnemonic|phrase|words|seed|unseal|login attempt \[|\b(?:for|attempt|as) (?:the |user |account ){0,2}\S{0,64}:\S/i,
    places: IN_PROSE,
  },
  {
    hinted: HINT.digest,
    hint: /:[\da-f]{32}:|private[ _-]?key|(?:wallet|signing)[ _-]?key|privkey|ntlm|(?:nt|lm|word|wd)[ _-]?hash/i,
    places: IN_DIGESTS,
  },
];

function redactPlace(text: string, { hint, pattern, kind, certain, accepts }: Place, mark: Mark): string {
  if (!hint.test(text)) return text;
  const isSecret = accepts ?? (certain === true ? () => true : isNoName);
  return text.replace(pattern, (whole: string, before: string, value: string) => {
    // Never inside a placeholder: `redacted:` reads like a user and a colon.
    if (before.endsWith("redacted:") || isPlaceholder(value) || !isSecret(value)) return whole;
    return before + mark(kind, value) + whole.slice(before.length + value.length);
  });
}

function isNoName(value: string): boolean {
  return value.length >= 6 && !isWordlike(value);
}

const COOKIES = /(\bcookie\d?\\{0,7}["']?\]?\s{0,2}[:=]\s{0,2}\\{0,7}["'[]?)([^\n"\\]{1,8192})/gi;
const COOKIE_ATTRIBUTES = /^(?:path|domain|expires|max-age|samesite|secure|httponly|priority|version)$/i;

const COOKIE = /([\w.$!#%&*+^`|~-]{1,128}=)([^;,\s'"]{1,4096})/g;

function redactCookies(text: string, mark: Mark): string {
  return text.replace(COOKIES, (_whole: string, before: string, header: string) => {
    const pairs = header.replace(COOKIE, (pair: string, name: string, value: string) => {
      if (COOKIE_ATTRIBUTES.test(name.slice(0, -1)) || isPlaceholder(value)) return pair;
      return value.length < 8 || isWordlike(value) ? pair : name + mark("cookie", value);
    });
    return before + pairs;
  });
}

/**
 * `auth failed with token Xy…`, `invalid api key provided: Xy…`, `rejected credential Xy…`: a random value
 * at most three lower-case words after a word for a secret.
 */
const BESIDE_WORD =
  /((?:\b|_)(?:tokens?|api[ _-]?keys?|credentials?|secrets?|passwords?|passphrase|access[ _]keys?|j?session[ _-]?ids?|jwt|auth[ _]?keys?|signing[ _]keys?)((?:[ ][a-z]{2,12}){0,3}?)[ ]?([:=]?)[ ]["'`([]?)([\w+/~.!@#$%^&*-]{12,4096}=*)/gi;

function redactBeside(text: string, mark: Mark): string {
  return text.replace(
    BESIDE_WORD,
    (whole: string, before: string, between: string, colon: string, value: string) => {
      if (isPlaceholder(value) || !isRandom(value)) return whole;
      // `sessionId: 65a1b2c3.1f4` is PostgreSQL's, and no key to anything.
      if (value.length < LONGEST_HARMLESS_ID && /session/i.test(before)) return whole;
      // `secret "default-token-x7k2p" not found` is what it is called.
      if (NAME_OF_SECRET.test(value) && /secrets?\W{0,4}$/i.test(before)) return whole;
      // An id some words later belongs to something else: `token expired for request 7f3a…`.
      if (isId(value) && between !== "" && colon === "") return whole;
      return before + mark("secret", value) + whole.slice(before.length + value.length);
    },
  );
}

const LONGEST_HARMLESS_ID = 24;
const NAME_OF_SECRET = /^(?=.{0,60}[a-z]{4})(?:[a-z\d]{1,30}[-./]){1,8}[a-z\d]{1,30}$/;

function isRandom(value: string): boolean {
  if (!/\d/.test(value) || !/[a-z]/i.test(value) || isWordlike(value)) return false;
  // A path, an address or a stamp is no secret.
  return !/^[/.~]|:\/\/|^\d{4}-\d\d-\d\d|^[\w-]{1,20}\/[\w-]{1,20}\/|\.(?:[a-z]{2,4})$/i.test(value);
}

function isId(value: string): boolean {
  return /^[0-9a-f-]{12,}$/i.test(value) || /^[A-Z0-9]{26}$/.test(value);
}
