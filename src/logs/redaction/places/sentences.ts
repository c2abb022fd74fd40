import { isMixed } from "../drawn.ts";
import { IN_QUOTES, type Place } from "./place.ts";

/** In headers, statements, configuration and sentences. */
export const IN_SENTENCES: readonly Place[] = [
  // RFC 6750, RFC 7617.
  {
    hint: /bearer|basic/i,
    pattern: /(\b(?:bearer|basic)(?:\s|%20|\+|\\u0020){1,4}["']?)(?!\w{1,40}=[^=\s])([\w.~+/=-]{8,4096})/gi,
    kind: "authorization",
  },
  // RFC 7616
  {
    hint: /digest/i,
    pattern: /(\bdigest\s[^\n]{0,500}?\bresponse\s{0,2}=\s{0,2}\\{0,3}"?)([\w+/=.-]{8,128})/gi,
    kind: "authorization",
  },
  {
    hint: /hawk/i,
    pattern: /(\bhawk\s[^\n]{0,500}?\bmac\s{0,2}=\s{0,2}\\{0,3}"?)([\w+/=-]{16,128})/gi,
    kind: "authorization",
  },
  // `%any : PSK "x"` of IPsec; `neighbor 10.0.0.1 password 7 08351F1B`, `enable secret 5 $1$…` of routers.
  {
    hint: /PSK /,
    pattern: /(\bPSK\s{1,4}\\{0,3}["'])([^"'\n\\]{1,256})/g,
    kind: "password",
    certain: true,
  },
  {
    hint: /(?:password|secret|key) \d /,
    pattern: /(\b(?:password|secret|key)\s\d\s)([\dA-F]{8,128}|\$\d\$\S{8,128})(?![\w$])/g,
    kind: "password",
    accepts: (value) => !/^\d{1,10}$/.test(value),
  },
  // .netrc, `login name password secret`
  {
    hint: /login/,
    pattern: /(\blogin\s{1,4}\S{1,64}\s{1,4}password\s{1,4})(\S{1,128})/g,
    kind: "password",
    certain: true,
  },
  // Redis: `AUTH secret`, `AUTH user secret`
  {
    hint: /AUTH/,
    pattern: /(\bAUTH["']?\s{1,2}(?:["']?\w{1,32}["']?\s{1,2})?["']?)([^\s"']{8,128})/g,
    kind: "password",
    accepts: (value) => /\d/.test(value) && /[a-z]/i.test(value),
  },
  {
    hint: /requirepass|masterauth/,
    pattern: /(\b(?:requirepass|masterauth)["']?\s{1,16}["']?)([^\s"']{1,256})/g,
    kind: "password",
    certain: true,
  },
  // SQL: `ALTER USER app IDENTIFIED BY 'x'`, `CREATE ROLE app PASSWORD 'x'`
  {
    hint: /identified|(?:user|role|login)\s/i,
    pattern: new RegExp(
      `(\\b(?:create|alter|grant|set)\\s[^\\n;]{1,300}?\\b(?:identified\\s{1,4}(?:with\\s{1,4}\\S{1,64}\\s{1,4})?(?:by|as)(?:\\s{1,4}(?:values|password))?|password)\\s{1,4}\\\\{0,7}['"])(${IN_QUOTES})`,
      "gi",
    ),
    kind: "password",
    certain: true,
  },
  // The beginning may be cut off, as in a message of a syntax error.
  {
    hint: /IDENTIFIED/,
    pattern: new RegExp(`(\\bIDENTIFIED\\s{1,4}BY\\s{1,4}\\\\{0,7}['"])(${IN_QUOTES})`, "g"),
    kind: "password",
    certain: true,
  },
  {
    hint: /identified/i,
    pattern:
      /(\b(?:create|alter)\s{1,4}user\s[^\n;]{1,200}?\bidentified\s{1,4}by\s{1,4})([^\s'"`\\;,()]{4,128})/gi,
    kind: "password",
    certain: true,
  },
  {
    hint: /password/i,
    pattern: /(\bpassword\s{1,4}\\{0,7}['"`“‘])([^'"`”’\n\\]{1,128})/gi,
    kind: "password",
  },
  {
    hint: /pass|token|secret|pwd/i,
    pattern:
      /(\b(?:password|passphrase|passcode|pwd|token|secret)\s{1,4}(?:is|was)\s{1,4}(?:set\s{1,4}to\s{1,4}|now\s{1,4})?["'`“‘]?)([^\s"'`”’]{5,127}[^\s"'`”’.,;:?*)])/gi,
    kind: "password",
  },
  // `SET PASSWORD FOR bob = PASSWORD('x')`, `withPassword("x")`
  {
    hint: /password(?:\(|\s{1,4}for\s)/i,
    pattern:
      /(\b(?:set_?|with)?password(?:\(|\s{1,4}for\s{1,4}\S{1,128}\s{0,4}=)\s{0,4}\\{0,7}['"])([^'"\s\\]{1,128})/gi,
    kind: "password",
    certain: true,
  },
  // FTP, POP and IMAP; not `PASS TestOAuth2Login` of a test run.
  {
    hint: /PASS|LOGIN/,
    pattern:
      /((?:(?:^|[\r\n>:"])\s{0,4}PASS|\bLOGIN\s{1,2}"?[\w.@-]{1,64}"?)\s{1,2}"?)(?!(?:Test|Example|Fuzz|Benchmark)[A-Z_])([^\s"/.:]{6,128})(?="?\s{0,4}(?:$|\r|\n))/g,
    kind: "password",
  },
  // `using password x`, `Password for bob: x`, `credentials bob:x`
  {
    hint: /pass|pwd|cred|login/i,
    pattern:
      /(\b(?:(?:with|using)\s(?:the\s)?(?:password|passphrase|pwd)\s|(?:password|passphrase)\s(?:for|of)\s[^\s:]{1,64}\s?[:=]\s{1,4}|(?:credentials?|creds|login)\s["']?[\w.@-]{1,64}[:/])["'`]?)([^\s"'`]{5,127}[^\s"'`.,;:?/])/gi,
    kind: "password",
  },
  {
    hint: /cred[^\n]{1,80}[:=]/i,
    pattern:
      /(\bcred(?:ential)?s?\s(?:for|of)\s[^\s:]{1,64}\s?[:=]\s{1,4}["'`]?)([^\s"'`]{5,127}[^\s"'`.,;:?/])/gi,
    kind: "password",
    accepts: isMixed,
  },
  {
    hint: /password\s{1,2}\\{0,7}['"`“‘]/i,
    pattern:
      /(\b(?:new|old|with|using|temporary|default|initial|current)\s(?:the\s)?password\s{1,2}\\{0,7}['"`“‘])([^'"`”’\s\\]{4,128})/gi,
    kind: "password",
    certain: true,
  },
  // Lisp and Clojure
  {
    hint: /:[\w-]{0,20}password\s/i,
    pattern: /(:(?:[\w-]{1,20}[_-])?password\s{1,4}(?:\.\s{1,4})?\\{0,3}")([^"\n\\]{1,128})/gi,
    kind: "password",
    certain: true,
  },
  // crypt('x', gen_salt('bf'))
  {
    hint: /crypt/i,
    pattern: /(\b(?:crypt|pgp_sym_(?:en|de)crypt)\(\s{0,4}\\{0,7}['"])([^'"\n\\]{1,256})/gi,
    kind: "password",
    certain: true,
  },
  // The arguments in a stack: `PDO->__construct('mysql:host=db', 'shop', 'x')`
  {
    hint: /__construct\(|connect\(|new PDO\(/,
    pattern:
      /(\b(?:new PDO|PDO(?:->|::)__construct|mysqli?_p?(?:real_)?connect|mysqli(?:->|::)(?:__construct|real_connect|connect))\((?:[^()'"\n]{0,60},\s?)?(?:'[^'\n]{0,200}',\s?){2}')([^'\n]{1,128})(?=')/g,
    kind: "password",
    certain: true,
  },
  {
    hint: /ldap_bind|ftp_login|BasicAuth/,
    pattern:
      /(\b(?:ldap_bind|ftp_login|\w{0,12}BasicAuth)\((?:[^'"\n]{0,60},\s?)?["'][^"'\n]{0,200}["'],\s?["'])([^"'\n]{1,128})(?=["'])/g,
    kind: "password",
    certain: true,
  },
  {
    hint: /password_/,
    pattern: /(\bpassword_(?:verify|hash)\(["'])([^"'\n]{1,128})(?=["'])/g,
    kind: "password",
    certain: true,
  },
  // What was refused is repeated: Spring and Pydantic.
  {
    hint: /rejected value/,
    pattern:
      /(\bfield\s["']?[\w.]{0,60}(?:password|passwd|pwd|secret|token)\w{0,20}["']?:\s?rejected value \[)([^\]\n]{1,256})/gi,
    kind: "password",
    certain: true,
  },
  {
    hint: /"loc\\?"/,
    pattern:
      /(\\?"loc\\?"\s?:\s?\[[^\]\n]{0,120}\\?"\w{0,20}(?:password|passwd|secret|token)\\?"\][^{}\n]{0,300}?\\?"input\\?"\s?:\s?\\?")([^"\n\\]{1,256})/g,
    kind: "password",
    certain: true,
  },
  // RFC 6902: `{"op":"replace","path":"/password","value":"x"}`
  {
    hint: /path/,
    pattern:
      /(\\{0,3}["']path\\{0,3}["']\s?:\s?\\{0,3}["']\/[\w/-]{0,80}(?:password|passwd|secret|token|api_?key)\\{0,3}["']\s?,\s?\\{0,3}["']value\\{0,3}["']\s?:\s?\\{0,3}["'])([^"'\n\\]{1,256})/gi,
    kind: "password",
    certain: true,
  },
  {
    hint: /pgp_sym/i,
    pattern: /(\bpgp_sym_(?:en|de)crypt(?:_bytea)?\([^'"()\n]{1,200},\s{0,4}')([^'\n]{1,256})/gi,
    kind: "password",
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
