import { createFinder } from "./finder.ts";

/**
 * What in a text makes a group of rules worth trying, as bits. Most lines have next to none, and one pass that says so
 * costs a small part of trying them all.
 */
export const HINT = {
  pem: 1,
  shape: 2,
  url: 4,
  command: 8,
  sentence: 16,
  link: 32,
  prose: 64,
  digest: 128,
  cookie: 256,
  beside: 512,
  key: 1_024,
  at: 2_048,
  called: 4_096,
  ssn: 8_192,
  phone: 16_384,
  /** As many digits as the shortest card has. */
  card: 32_768,
  /** Two letters and two digits that begin a word. */
  iban: 65_536,
  /** Something may be in it that is not seen where it is shown. */
  hidden: 131_072,
} as const;
const ALL = Object.values(HINT).reduce((all, bits) => all | bits, 0);

/**
 * Fixed text without which no rule of a group can match, in lower case: `^` where it has to begin a token, `·` for a blank. A rule that is
 * added wants its text here: test/logs/redactionHints.test.ts has every form of every kind, and says which is missing.
 */
const TEXTS: readonly (readonly [bits: number, texts: string])[] = [
  [HINT.pem, "-----begin"],
  [HINT.shape, "redacted:aws-key ^eyj ^eyk ^akia ^asia ^abia ^acca ^aiza ^ya29. ^gocspx- ^1//0"],
  [
    HINT.shape,
    "^ghp_ ^gho_ ^ghu_ ^ghs_ ^ghr_ ^github_pat_ ^glpat- ^gldt- ^glptt- ^glft- ^glrt- ^glrtr- ^glsoat-",
  ],
  [
    HINT.shape,
    "^glcbt- ^glagent- ^glimt- ^gloas- ^glffct- ^xox ^xapp- ^mfa. :aa ^sk_ ^rk_ ^whsec_ ^sk- ^sg.",
  ],
  [
    HINT.shape,
    "^sk0 ^sk1 ^sk2 ^sk3 ^sk4 ^sk5 ^sk6 ^sk7 ^sk8 ^sk9 ^ska ^skb ^skc ^skd ^ske ^skf ^key- -us ^xkeysib-",
  ],
  [
    HINT.shape,
    "^re_ ^npm_ ^pypi- ^rubygems_ ^dckr_ ^clojars_ ^oy2 ^hf_ ^api_org_ ^gsk_ ^r8_ ^pplx- ^xai- ^nvapi-",
  ],
  [
    HINT.shape,
    "^fw_ ^tvly- ^doo_v1_ ^dop_v1_ ^dor_v1_ ^dapi ^ltai ^akid ^hrku- ^fo1_ ^flyv1 ^nfp_ ^sbp_ ^sbt_",
  ],
  [
    HINT.shape,
    "^sb_secret_ ^pscale_ ^rnd_ q~ ^hvs. ^hvb. ^hvr. ^s. .atlasv1. ^glsa_ ^glc_ ^nrak- ^nraa- ^nriq- ^nrii-",
  ],
  [
    HINT.shape,
    "^nrra- ^nral- ^nrjs- ^sntryu_ ^sntrys_ ^dt0 ^hcaik_ ^phx_ ^ccipat_ ^cciprj_ ^bkua_ ^bkaa_ ^pul- ^sqp_",
  ],
  [
    HINT.shape,
    "^squ_ ^sqa_ ^dp. ^atlas_ ^tskey- ^ops_eyj ^lin_ ^shp ^sq0 ^eaa ^figd_ ^ntn_ ^secret_ ^pmak- ^atatt",
  ],
  [
    HINT.shape,
    "^atctt ^atbb ^pat ^cfpat- ^aio_ ^akcp ^aqvn ^y0_ ^y1_ ^y2_ ^y3_ ^ezak ^eztk ^sk.eyj ^tfp_ ^pk_ ^shippo_",
  ],
  [
    HINT.shape,
    "^rzp_ ^access_token$ ^live_ ^phnhbw ^age-secret-key-1 hooks. discord.com/api discordapp.com/api",
  ],
  [
    HINT.shape,
    ".webhook.office.com chat.googleapis.com ^xprv ^yprv ^zprv $2 $1 $5 $6 $7 $y $gy $apr1 $md5 $sha1 $scrypt",
  ],
  [
    HINT.shape,
    "$argon2 $pbkdf2 $p$ $h$ {sha {ssha {md5 {smd5 {crypt {pbkdf2 {argon2 {bcrypt ^pbkdf2_ ^bcrypt_ ^scrypt$",
  ],
  [HINT.shape, "^scram-sha-"],
  [HINT.url, ":/ :\\ %3a %253a @ ? & # thin: sqlplus sqlldr expdp empdp ixpdp impdp"],
  [
    HINT.command,
    "^- ^/ pass: net·us configure chpasswd env fastcgi_param rabbitmqctl wpa_pass securestring sp_",
  ],
  [HINT.sentence, "bearer basic digest login auth pass pwd token secret identified crypt cred name="],
  [
    HINT.link,
    "code= reset recover invit magic activat verif confirm unlock time login log-in signin sign-in password",
  ],
  [HINT.link, "unsubscribe in# in/# auth# auth/# back# back/# join# join/# saml"],
  [HINT.prose, "pass pw code otp 2fa mfa tfa ion·pin mnemonic phrase words seed for· attempt· as·"],
  [HINT.digest, "private wallet signing privkey ntlm hash"],
  [HINT.cookie, "cookie"],
  [HINT.beside, "token key credential secret pass jwt"],
  [
    HINT.key,
    "pass pwd pw secret token key auth cred sig sid sess jwt bearer otp pin cvc cvv ssn social phone mobile",
  ],
  [
    HINT.key,
    "msisdn iban card wort woord contrase senha clave geheim haslo heslo parol codice cod saml losenord",
  ],
  [HINT.key, "salasana adgangskode mnemonic phrase stringdata sandi"],
  [HINT.at, "@ %40 %2540 &#64; &#x40; &commat; u0040 (at [at"],
  [HINT.called, "phone tel mobile cell fax sms whatsapp call"],
  [HINT.ssn, "ssn social"],
  [HINT.phone, "+0 +1 +2 +3 +4 +5 +6 +7 +8 +9 (0 (1 (2 (3 (4 (5 (6 (7 (8 (9"],
];

const CARD_DIGITS = 13;
/** Bitcoin's keys have no fixed text. */
const LONG_RUN = 51;
/** Before its first dot a token of Discord's has 23 to 28 characters. */
const DISCORD_RUN = 23;

const find = createFinder(
  TEXTS.flatMap(([bits, texts]) =>
    texts.split(" ").map((text) => ({
      bits,
      text: text.replace(/^\^/, "").replaceAll("·", " "),
      isAtStart: text.startsWith("^"),
    })),
  ),
);

/** Which groups of rules can match in a text. Beyond ASCII there is more to a letter than its code: all of them. */
export function hintsOf(text: string): number {
  const { bits, digitsInRow, longestRun, longestBeforeDot, hasDigest, hasIban, hasControl, isAscii } =
    find(text);
  if (!isAscii) return ALL;
  return (
    bits |
    (digitsInRow >= CARD_DIGITS ? HINT.card : 0) |
    (hasIban ? HINT.iban : 0) |
    (hasControl ? HINT.hidden : 0) |
    (hasDigest ? HINT.digest : 0) |
    (longestRun >= LONG_RUN || longestBeforeDot >= DISCORD_RUN ? HINT.shape : 0)
  );
}
