import { isPlaceholder, isWordlike } from "./wordlike.ts";

/**
 * Secrets that are known by where they stand: in a URL's authority, behind a flag of a command, after
 * `Bearer`, in a cookie header, beside a word such as "token". Every repetition is bounded.
 */
export function redactPlaces(text: string): string {
  let out = text;
  for (const { hint, pattern, kind, certain } of PLACES) {
    if (hint !== undefined && !hint.test(out)) continue;
    out = out.replace(pattern, (whole: string, before: string, value: string) => {
      // Never inside a placeholder: `redacted:` reads like a user and a colon.
      if (
        before.endsWith("redacted:") ||
        isPlaceholder(value) ||
        (certain !== true && (value.length < 6 || isWordlike(value)))
      )
        return whole;
      return `${before}<redacted:${kind}>${whole.slice(before.length + value.length)}`;
    });
  }
  if (/cookie/i.test(out)) out = out.replace(COOKIE, redactCookies);
  return out.replace(BESIDE, redactBeside);
}

interface Place {
  /** What has to be in the text for the pattern to be worth running. */
  hint?: RegExp;
  /** What stands before, and the value. */
  pattern: RegExp;
  kind: string;
  /** Any value there is a secret, also one that looks like a word. */
  certain?: true;
}

const PLACES: readonly Place[] = [
  // scheme://user:password@host; the password may hold an at sign, the last one counts.
  {
    hint: /:\/\//,
    pattern: /(:\/\/[^\s:@/?"'<>]{0,128}:)([^\s/?"'<>]{1,256})(?=@[\w.[-])/g,
    kind: "password",
    certain: true,
  },
  // Go's MySQL DSN has no scheme: user:password@tcp(host:3306)/db
  {
    hint: /@(?:tcp|unix)\(/,
    pattern: /(\b[\w.-]{1,64}:)([^\s@:/]{1,128})(?=@(?:tcp|unix)\()/g,
    kind: "password",
    certain: true,
  },
  // RFC 6750, RFC 7617.
  {
    hint: /bearer|basic/i,
    pattern: /(\b(?:bearer|basic)(?:\s|%20|\+){1,4})([\w.~+/=-]{8,4096})/gi,
    kind: "authorization",
  },
  {
    hint: /mysql|mariadb|sshpass/i,
    pattern: /(\b(?:mysql|mariadb)[a-z-]{0,10}\b[^\n|;]{0,200}?\s-p)([^\s'"]{1,128})/g,
    kind: "password",
    certain: true,
  },
  {
    hint: /sshpass/,
    pattern: /(\bsshpass\s{1,4}-p\s{0,4}["']?)([^\s'"]{1,128})/g,
    kind: "password",
    certain: true,
  },
  {
    hint: /redis-cli/,
    pattern: /(\bredis-cli\b[^\n|;]{0,200}?\s(?:-a|--pass)\s{1,4}["']?)([^\s'"]{1,128})/g,
    kind: "password",
    certain: true,
  },
  {
    hint: /curl|wget/,
    pattern: /(\bcurl\b[^\n|]{0,400}?\s(?:-u|--user)\s{0,4}["']?[^\s:"']{1,64}:)([^\s"']{1,128})/g,
    kind: "password",
    certain: true,
  },
  {
    hint: /login/,
    pattern: /(\blogin\b[^\n|;]{0,200}?\s(?:-p|-P)\s{1,4}["']?)([^\s'"]{1,128})/g,
    kind: "password",
    certain: true,
  },
  // .netrc, `login name password secret`
  {
    hint: /login/,
    pattern: /(\blogin\s{1,4}\S{1,64}\s{1,4}password\s{1,4})(\S{1,128})/g,
    kind: "password",
    certain: true,
  },
  {
    hint: /--?\w/,
    pattern:
      /((?:^|[\s"'[,(])--?(?:[a-z]{1,20}[-_.]){0,3}(?:password|passwd|passphrase|pass|pwd|secret|secret-key|token|api-?key|access-?key|auth-?key)["']?,?[ ]{1,4}["']?)([^\s"'<,][^\s"'<]{2,255})/gi,
    kind: "password",
  },
  // Redis: `AUTH secret`, `AUTH user secret`
  { hint: /AUTH/, pattern: /(\bAUTH\s{1,2}(?:\w{1,32}\s{1,2})?["']?)([^\s"']{8,128})/g, kind: "password" },
  { hint: /pass:/, pattern: /(\bpass:)([^\s"']{4,128})/g, kind: "password" },
  // SQL: `ALTER USER app IDENTIFIED BY 'x'`, `CREATE ROLE app PASSWORD 'x'`
  {
    hint: /password|identified/i,
    pattern: /(\b(?:identified\s{1,4}by|password)\s{1,4}\\?['"])([^'"\n\\]{1,128})/gi,
    kind: "password",
  },
  {
    hint: /pass|token|secret/i,
    pattern:
      /(\b(?:password|passphrase|passcode|token|secret)\s{1,4}(?:is|was)\s{1,4}["'`]?)([^\s"'`]{6,128})/gi,
    kind: "password",
  },
  // Signed URLs: Azure `sig`, AWS `X-Amz-Signature`, OAuth codes.
  {
    hint: /[?&]/,
    pattern:
      /([?&](?:sig|signature|x-amz-signature|x-amz-security-token|x-goog-signature|code)=)([^\s&"'<>]{16,2048})/gi,
    kind: "signature",
  },
  // Kubernetes environment: {"name":"DB_PASSWORD","value":"x"}
  {
    hint: /value/,
    pattern:
      /((?:name|key)\\{0,3}["']?\s{0,2}[:=]\s{0,2}\\{0,3}["']?[\w.-]{0,40}(?:password|passwd|secret|token|api_?key)\\{0,3}["']?\s{0,2},?\s{0,2}\\{0,3}["']?value\\{0,3}["']?\s{0,2}[:=]\s{0,2}\\{0,3}["']?)([^"'\\\s]{1,512})/gi,
    kind: "secret",
    certain: true,
  },
  // A form part: name="password", an empty line, the value.
  {
    hint: /name=/,
    pattern:
      /(name=\\?["']?\w{0,40}(?:password|passwd|secret|token|api_?key)\w{0,20}\\?["']?(?:\\r|\\n|\r|\n){2,8})([^\r\n\\]{1,512})/gi,
    kind: "secret",
    certain: true,
  },
];

const COOKIE = /(\bcookie\d?\\{0,7}["']?\]?\s{0,2}[:=]\s{0,2}\\{0,7}["'[]?)([^\n"\\]{1,8192})/gi;
const COOKIE_ATTRIBUTES = /^(?:path|domain|expires|max-age|samesite|secure|httponly|priority|version)$/i;

function redactCookies(_whole: string, before: string, header: string): string {
  const pairs = header.replace(
    /([\w.$!#%&*+^`|~-]{1,128}=)([^;,\s'"]{1,4096})/g,
    (pair: string, name: string, value: string) => {
      if (COOKIE_ATTRIBUTES.test(name.slice(0, -1)) || isPlaceholder(value)) return pair;
      return value.length < 8 || isWordlike(value) ? pair : `${name}<redacted:cookie>`;
    },
  );
  return before + pairs;
}

/**
 * `auth failed with token Xy…`, `invalid api key provided: Xy…`, `rejected credential Xy…`: a random value
 * at most three lower-case words after a word for a secret.
 */
const BESIDE =
  /((?:\b|_)(?:tokens?|api[ _-]?keys?|credentials?|secrets?|passwords?|passphrase|access[ _]keys?|jwt|auth[ _]?keys?|signing[ _]keys?)((?:[ ][a-z]{2,12}){0,3}?)[ ]?([:=]?)[ ]["'`([]?)([\w+/~.!@#$%^&*-]{12,4096}=*)/gi;

function redactBeside(whole: string, before: string, between: string, mark: string, value: string): string {
  if (isPlaceholder(value) || !isRandom(value)) return whole;
  // An id some words later belongs to something else: `token expired for request 7f3a…`.
  if (isId(value) && between !== "" && mark === "") return whole;
  return `${before}<redacted:secret>${whole.slice(before.length + value.length)}`;
}

function isRandom(value: string): boolean {
  if (!/\d/.test(value) || !/[a-z]/i.test(value) || isWordlike(value)) return false;
  // A path, an address or a stamp is no secret.
  return !/^[/.~]|:\/\/|^\d{4}-\d\d-\d\d|^[\w-]{1,20}\/[\w-]{1,20}\/|\.(?:[a-z]{2,4})$/i.test(value);
}

function isId(value: string): boolean {
  return /^[0-9a-f-]{12,}$/i.test(value) || /^[A-Z0-9]{26}$/.test(value);
}
