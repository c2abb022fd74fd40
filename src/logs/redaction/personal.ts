import { redactCards, redactIbans } from "./accounts.ts";
import { HINT } from "./hintTexts.ts";
import type { Mark } from "./mark.ts";

/** Replaces card numbers, bank accounts, e-mail addresses and telephone numbers. */
export function redactPersonal(text: string, hints: number, mark: Mark): string {
  let out = text;
  if ((hints & HINT.at) !== 0 && AT.test(out)) out = redactEmails(out, mark);
  if ((hints & HINT.card) !== 0) out = redactCards(out, mark);
  if ((hints & HINT.iban) !== 0) out = redactIbans(out, mark);
  if ((hints & HINT.phone) !== 0)
    out = out.replace(PHONE, (number) => (isPhone(number) ? mark("phone", number) : number));
  if ((hints & HINT.called) !== 0 && CALLED.test(out)) {
    for (const form of [LOCAL_PHONE, TRUNK_PHONE, PLAIN_PHONE])
      out = out.replace(form, behind("phone", mark));
  }
  if ((hints & HINT.ssn) !== 0 && SSN.test(out)) {
    out = out.replace(/(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])/g, (number) => mark("ssn", number));
    out = out.replace(
      /(\b(?:ssn|social security(?: number| no\.?)?)\W{1,4})\d{3}[\s.]\d{2}[\s.]\d{4}(?!\w)/gi,
      behind("ssn", mark),
    );
  }
  return out;
}

/** Marks what follows the first group. */
function behind(kind: string, mark: Mark): (whole: string, before: string) => string {
  return (whole, before) => before + mark(kind, whole.slice(before.length));
}

/** Nine digits alone are many things. */
const SSN = /ssn|social/i;
/** The sign itself, and what stands for it in a URL, in HTML, as an escape and to deceive robots. */
const AT = /@|%(?:25)?40|&#(?:64|x40);|&commat;|u0040|[([]at[)\]]|＠/i;
const DOMAIN =
  "(?:[a-z0-9\\u00df-\\u024f](?:[a-z0-9\\u00df-\\u024f-]{0,61}[a-z0-9\\u00df-\\u024f])?\\.){1,6}[a-z]{2,24}";
const LOCAL = "[\\w.%+'\\u00c0-\\u024f-]";
const EMAIL = new RegExp(`(?<!${LOCAL})(${LOCAL}{1,64})@(${DOMAIN})(?![\\w-]|\\.\\w)(:?)`, "gi");
/** RFC 5321 lets anything stand in quotes. */
const QUOTED_EMAIL = new RegExp(`\\\\?"[^"\\\\\\n@]{1,64}\\\\?"@${DOMAIN}(?![\\w-]|\\.\\w)`, "gi");
const ESCAPED_EMAIL = new RegExp(
  `(?<![\\w.+-])[\\w.+-]{1,64}(?:%(?:25)?40|&#(?:64|x40);|&commat;|\\\\{1,7}u0040|＠)${DOMAIN}(?![\\w-]|\\.\\w)`,
  "gi",
);
const SPELT_EMAIL =
  /(?<![\w.+-])[\w.+-]{1,64}\s{0,2}[([]at[)\]]\s{0,2}[a-z0-9-]{1,63}(?:(?:\.|\s{0,2}[([]dot[)\]]\s{0,2})[a-z0-9-]{1,63}){0,4}(?:\.|\s{0,2}[([]dot[)\]]\s{0,2})[a-z]{2,24}\b/gi;

/** Erlang's and Celery's names of their own processes, at the host they run on. */
const NODE = /^(?:celery|rabbit|ejabberd|couchdb|vernemq|emqx|riak|worker\d{0,4}|node\d{0,4})$/i;
/** RFC 5322: a message's id has an address's form. */
const MESSAGE_ID = /(?:message-?id|references|in-reply-to)["']?\s?[:= ]\s?["']?<$/i;
/** Units of systemd, and files: `openvpn@client.service`, `logo@2x.png`. */
const NO_DOMAIN =
  /\.(?:service|socket|timer|target|mount|slice|scope|device|path|png|jpe?g|gif|svg|webp|ico|bmp|css|js|ts|py|json)$/i;

/** What ciphers of SSH are called beyond its RFCs: `chacha20-poly1305@openssh.com`. */
const ALGORITHM = /^[a-z\d]+(?:-[a-z\d]+)+@(?:openssh\.com|libssh\.org)$/;

function redactEmails(text: string, mark: Mark): string {
  const email = (address: string) => mark("email", address);
  return text
    .replace(EMAIL, (whole: string, local: string, domain: string, colon: string, at: number) => {
      // git@github.com:team/app is an address of a repository.
      if (local === "git" || (colon !== "" && local.length < 4)) return whole;
      if (MESSAGE_ID.test(text.slice(Math.max(0, at - 40), at))) return whole;
      if (NODE.test(local) || NO_DOMAIN.test(domain) || ALGORITHM.test(whole)) return whole;
      // The quote of a key's value is not part of an address: `'bob@example.com`.
      const quote = local.startsWith("'") ? "'" : "";
      if (local === quote) return whole;
      return quote + email(whole.slice(quote.length, whole.length - colon.length)) + colon;
    })
    .replace(QUOTED_EMAIL, email)
    .replace(ESCAPED_EMAIL, email)
    .replace(SPELT_EMAIL, email);
}

/** `+49 (0)30 / 1234567`, `(555) 555-0172`: conservative, without a plus or brackets digits are not a telephone. */
const PHONE =
  /(?<![\w.+-])(?:\+\d{1,3}[ .\u00a0\u202f-]?(?:\(\d{1,4}\)[ .\u00a0\u202f-]?)?\d{1,4}(?:(?:[ .\u00a0\u202f/-]|\s[/-]\s)?\d{2,8}){1,5}|\(\d{3}\) ?\d{3}-\d{4})(?!\w|:\d|[.-]\d| ?(?:[nmµu]?s|bytes|[kMGT]?i?B|%)(?!\w))|%2B\d{9,15}(?!\d)/g;

function isPhone(whole: string): boolean {
  const digits = whole.replace(/^%2B|\D/gi, "").length;
  return digits >= 9 && digits <= 15;
}

/** Words that say that a number is a telephone's. */
const CALLED = /\b(?:phone|tel|telephone|telefon|mobile|cell|fax|sms|whatsapp|call(?:er|ed|ing)?)\b/i;
const LOCAL_PHONE =
  /(\b(?:phone|tel|telephone|telefon|mobile|cell|fax|sms|whatsapp|call(?:er|ed|ing)?)(?:\s(?:number|no\.?|to|from|at))?[\s:.=#]{1,4})\(?\d{2,5}\)?[ .\u00a0/-]\d{3,4}[ .\u00a0-]\d{3,5}(?![\w:]|[.-]\d)/gi;
/** `030 1234567`: its zero tells that the first group is an area's. */
const TRUNK_PHONE =
  /(\b(?:phone|tel|telephone|telefon|mobile|cell|fax|sms|whatsapp|call(?:er|ed|ing)?)(?:\s(?:number|no\.?|to|from|at))?["']?[\s:.=#]{1,4}["']?)\(?0[1-9]\d{0,4}\)?[ .\u00a0/-]{1,3}\d{5,9}(?![\w:]|[.-]\d)/gi;
/** In one group only behind a word that has no other numbers. */
const PLAIN_PHONE =
  /(\b(?:phone|tel|telephone|telefon|mobile|fax|whatsapp)(?:\s(?:number|no\.?|to|from|at))?["']?[\s:.=#]{1,4}["']?)0[1-9]\d{7,10}(?![\w:]|[.-]\d)/gi;
