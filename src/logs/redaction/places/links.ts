import { isDrawn } from "../drawn.ts";
import type { Place } from "./place.ts";

/** What only stands beside an OAuth code, never beside the code of an error. */
const BESIDE_CODE = "(?:state|session_state|redirect_uri|scope|iss|client_id|code_verifier)";
/** The code of an answer or an error is a small number. */
const NO_NUMBER = "(?!\\d{1,5}(?:[&#\\s\"'<>]|$))";
/** Steps whose link is as good as a password to who holds it. In the plural they are lists: `/api/invites/17`. */
const STEP =
  "(?:(?:password[-_/])?(?:reset|recover|recovery)|reset[-_]?password|set[-_]?password|forgot[-_]?password|choose[-_]?password|(?:accept[-_])?invit(?:e|ation)|invitations?/accept|magic(?:[-_]?(?:link|login))?|activat(?:e|ion)|unlock|one[-_]?time(?:[-_]?(?:link|login|secret))?|passwordless|login[-_/](?:link|token|magic)|log-?in|sign-?in|unsubscribe|password/(?:edit|new|change))";
/** These are asked about by an id as well: only what is no UUID is a secret there. */
const CHECK = "(?:(?:email[-_/])?(?:verify|confirm|verification|confirmation)(?:[-_/](?:email|account))?)";
/** What may stand between a step and its token, such as the user's number in base64. */
const STEPS = "(?:(?:accept|confirm|new|edit)/)?(?:[\\w=]{1,8}/)?";
const TOKEN = "([\\w~.=%+-]{8,2048})(?!\\w|/\\w)";

/** Secrets that a link carries in its path, its fragment or its query without a key that says so. */
export const IN_LINKS: readonly Place[] = [
  {
    hint: /code=/,
    pattern: new RegExp(
      `([?&#](?:[^\\s"'<>#]{0,512}&)?code=)${NO_NUMBER}([^\\s&"'<>]{4,2048})(?=&(?:amp;)?(?:[^\\s"'<>]{0,512}&)?${BESIDE_CODE}=)`,
      "g",
    ),
    kind: "code",
    accepts: isCode,
  },
  {
    hint: /code=/,
    pattern: new RegExp(
      `([?&#]${BESIDE_CODE}=[^\\s"'<>]{0,512}?&(?:amp;)?code=)${NO_NUMBER}([^\\s&"'<>]{4,2048})`,
      "g",
    ),
    kind: "code",
    accepts: isCode,
  },
  // On the way back from who signs people in, and in exchange for a token, any code is one.
  {
    hint: /code=/,
    pattern: new RegExp(
      `((?:/(?:callback|cb|oauth2?|oidc|openid|signin-[a-z]{2,20})(?:/[\\w-]{1,40}){0,3}\\?(?=[^\\s"'<>]{0,1024}\\b${BESIDE_CODE}=)|grant_type=authorization_code&)(?:[^\\s"'<>]{0,512}&)?code=)${NO_NUMBER}([^\\s&"'<>]{4,2048})`,
      "g",
    ),
    kind: "code",
    certain: true,
  },
  { hint: /\//, pattern: new RegExp(`(/${STEP}/${STEPS})${TOKEN}`, "gi"), kind: "token", accepts: isDrawn },
  {
    hint: /\//,
    pattern: new RegExp(`(/${CHECK}/)${TOKEN}`, "gi"),
    kind: "token",
    accepts: (value) => isDrawn(value) && !UUID.test(value),
  },
  // Who knows the address of an incoming webhook may write to it. A webhook that is only spoken of has a number, an id or a UUID.
  {
    hint: /hook/i,
    pattern:
      /(\/(?:incoming[-_]?)?(?:web)?hooks?(?:[-_](?:test|waiting))?\/(?:[\w-]{1,40}\/){0,3}?)([\w-]{20,128})(?![\w/.-])/gi,
    kind: "webhook",
    accepts: (value) => isDrawn(value) && !UUID.test(value) && !/^[\da-f]{24}$/i.test(value),
  },
  // A calendar that only who knows its address may read.
  { hint: /private-/, pattern: /(\/private-)([\da-f]{32})(?=\/)/g, kind: "token", certain: true },
  // `/login#x7Kp…`; a route and a heading are words.
  {
    hint: /#/,
    pattern: new RegExp(
      `((?:\\b(?:log-?in|sign-?in|auth|callback|verify|confirm|join)|/${STEP})/?#)${TOKEN}`,
      "gi",
    ),
    kind: "token",
    accepts: (value) => value.length >= 12 && isDrawn(value),
  },
  // A signed statement of who somebody is, with the line ends that its encoding may have.
  {
    hint: /saml/i,
    pattern:
      /(\bSAML(?:Response|Request)(?:["']\s{0,2}:\s{0,2}["']|\s{0,2}[=:]\s{0,2}["']?|%3D))((?:[\w+/=-]|%[0-9a-f]{2}|\\[rn]){16,65536})/gi,
    kind: "saml",
    certain: true,
  },
];

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** An OAuth code may be short; names and numbers are other codes: `code=SUMMER25&state=NY`. */
function isCode(value: string): boolean {
  return value.length >= 4 && /[a-z]/i.test(value) && (/\d/.test(value) ? isUneven(value) : isDrawn(value));
}

/** Digits before or among the letters, not only after them. */
function isUneven(value: string): boolean {
  return !/^[A-Za-z_-]+\d{1,4}$/.test(value);
}
