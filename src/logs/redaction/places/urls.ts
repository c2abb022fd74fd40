import { isDrawn, isMixed } from "../drawn.ts";
import type { Place } from "./place.ts";

/** In the authority of a URL, in its signature, and in the data source names that look like one. */
export const IN_URLS: readonly Place[] = [
  // scheme://user:password@host; the password may hold an at sign, the last one counts. A port is none.
  {
    hint: /:\\?\/\\?\//,
    pattern:
      /(:(?:\\{0,3}\/){2}[^\s:@/?"'<>]{0,128}:)(?!\d{1,5}(?:[/?#]|\\\/))([^\s"'<>]{1,256})(?=@(?:[\w.-]|\[[\da-f:]))/gi,
    kind: "password",
    // `postgres://user:password@host` is how one has to be written.
    accepts: (value) => !/^(?:pass(?:word|wd)?|pwd|pw)$/i.test(value),
  },
  // The same, percent-encoded once or twice.
  {
    hint: /%(?:25)?3A/i,
    pattern:
      /(%(?:25)?3A(?:%(?:25)?2F){2}[\w.~-]{0,128}%(?:25)?3A)((?:[^\s"'<>%&]|%(?!(?:25)?(?:40|2F))){1,256})(?=%(?:25)?40)/gi,
    kind: "password",
    certain: true,
  },
  // A token in the place of the user: https://0123…@host
  {
    hint: /:\/\//,
    pattern: /(:\/\/)([\w.~%+-]{16,256})(?=@[\w.[-])/g,
    kind: "token",
  },
  // Go's MySQL DSN has no scheme: user:password@tcp(host:3306)/db
  {
    hint: /@(?:tcp|unix)\(/,
    pattern: /(\b[\w.-]{1,64}:)([^\s:/]{1,128})(?=@(?:tcp|unix)\()/g,
    kind: "password",
    certain: true,
  },
  // user:password@host:5432, without a scheme. Addresses of telephony and of packages have that form too.
  {
    hint: /:[^\s:/]{3,128}@[\w.-]{1,128}[:/]/,
    pattern:
      /((?<![\w./:@%-])(?!(?:sips?|mailto|xmpp|acct|tel|im|npm|git|ssh|file|user|email|mail|from|to|by|redacted|https?|docker|image|workspace):)[\w.-]{1,64}:)((?![a-z]{1,64}@|\d{1,2}@)[^\s:/@"'<>,;()[\]{}]{3,128})(?=@(?!sha\d)(?:[a-z][\w-]{0,63}|\d{1,3}\.\d{1,3})(?:\.[\w-]{1,63}){0,6}(?::\d{2,5}\b|\/\w))/gi,
    kind: "password",
    certain: true,
  },
  // Oracle: jdbc:oracle:thin:scott/password@host, sqlplus scott/password@db
  {
    hint: /thin:|sqlplus|sqlldr|\b(?:exp|imp)dp/,
    pattern:
      /((?:\bthin:|\b(?:sqlplus|sqlldr|expdp|impdp)\s{1,4}(?:-\w{1,8}\s{1,4}){0,4}["']?)[\w.$#-]{1,64}\/)([^\s@"']{1,128})(?=@|["']?(?:\s|$))/g,
    kind: "password",
    certain: true,
  },
  // OpenWeather calls its key so; other programs a number of theirs.
  { hint: /appid=/i, pattern: /(\bappid=)([\da-f]{32})(?![\da-f])/gi, kind: "api-key", certain: true },
  // ~/.pgpass: host:port:database:user:password
  {
    hint: /:\d{4}:/,
    pattern: /((?<![\w.*-])[\w.*-]{1,128}:\d{4}:[\w*-]{1,64}:[\w.-]{1,64}:)([^\s:]{6,128})(?=\s|\\n|$)/g,
    kind: "password",
    accepts: isMixed,
  },
  // Who has the key of a stream may send one.
  {
    hint: /rtmp/,
    pattern: /(\brtmps?:\/\/[^\s"'<>/]{1,256}\/(?:[\w-]{1,40}\/){1,3})([\w-]{12,128})(?![\w/.])/g,
    kind: "token",
    accepts: isDrawn,
  },
  // Signed URLs: Azure `sig`, AWS `X-Amz-Signature`, OAuth codes.
  {
    hint: /[?&#]/,
    pattern:
      /([?&#](?:sig|signature|x-amz-signature|x-amz-security-token|x-goog-signature|code)=)([^\s&"'<>]{16,2048})/gi,
    kind: "signature",
  },
];
