/** Put together here, so that no scanner takes this file for a leak. None was ever real. */
const made = (...parts: string[]): string => parts.join("");
const HEX = made("31d6cfe0d16ae931", "fa4efa4e", "59d7e0c0");
const SAML = made("xmluczpzYW1s", "FAKE", "OjIuMDphc3NlcnRpb24");
const WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow";

type Wrap = (secret: string) => string;
type Wraps = Readonly<Record<string, Wrap>>;

/** Where any value is a password. */
export const ANY_PASSWORD: Wraps = {
  "sql, a doubled quote": (s) => `set password='it''s ${s}' host=db`,
  "sql, a doubled quote, cut off": (s) => `set password='it''s ${s}`,
  "sql insert, a doubled quote": (s) => `insert into users (name, password) values ('bob', 'it''s ${s}')`,
  "sql identified by, a doubled quote": (s) => `CREATE USER bob IDENTIFIED BY 'it''s ${s}'`,
  "csv, a doubled quote": (s) => `password="it""s ${s}"`,
  "csv's column, a doubled quote": (s) => `id,password\n1,"it""s${s}"\n`,
  "an escaped quote": (s) => `password='it\\'s ${s}'`,
  "sql identified by, an escaped quote": (s) => `CREATE USER bob IDENTIFIED BY 'it\\'s${s}'`,
  "params of an update": (s) => `UPDATE users SET password = $1 WHERE id = $2 params: ["${s}", 4]`,
  "params of an update, by marks": (s) => `update users set name = ?, password = ? -- params: ["bob","${s}"]`,
  "params within a call": (s) => `set password = crypt($2, gen_salt('bf')) where id = $1 args=[4, "${s}"]`,
  "params in the log of postgres": (s) =>
    `LOG:  execute <unnamed>: UPDATE users SET password=$1 WHERE id=$2\nDETAIL:  parameters: $1 = '${s}', $2 = '4'`,
  "params of an insert, numbered": (s) =>
    `insert into users (name, password) values ($1, $2) DETAIL: parameters: $1 = 'bob', $2 = '${s}'`,
  "params of an object": (s) => `{ text: 'UPDATE u SET password = $1 WHERE id = $2', values: ['${s}', 4] }`,
  "params of a list alone": (s) => `UPDATE "users" SET "password"=$1 WHERE "id" = $2; ["${s}",4]`,
  "params by number": (s) => `update users set password=:1 where id=:2 binds ["${s}", 4]`,
  "secure string": (s) => `ConvertTo-SecureString "${s}" -AsPlainText -Force`,
  "secure string, flags first": (s) => `ConvertTo-SecureString -AsPlainText -Force -String '${s}'`,
  "secure string without quotes": (s) => `ConvertTo-SecureString ${s} -AsPlainText`,
  "net use, user first": (s) => `net use z: \\\\srv\\share /user:bob ${s}`,
  "net use without a drive": (s) => `net use \\\\srv\\share /user:DOM\\bob ${s} /persistent:no`,
  "secure string, through a pipe": (s) => `"${s}" | ConvertTo-SecureString -AsPlainText -Force`,
  "net use without a drive, password first": (s) => `net use \\\\srv\\share "${s}" /user:bob`,
  sp_addlogin: (s) => `EXEC sp_addlogin 'bob','${s}'`,
  "sp_addlogin, wide": (s) => `exec master..sp_addlogin N'bob', N'${s}', N'shop'`,
  "sp_password, new": (s) => `EXEC sp_password NULL, '${s}', 'bob'`,
  "sp_password, old": (s) => `EXEC sp_password '${s}', 'x', 'bob'`,
  sp_addlinkedsrvlogin: (s) => `sp_addlinkedsrvlogin 'srv', 'false', NULL, 'bob', '${s}'`,
  "code of a callback": (s) => `GET /oauth/callback?code=${encodeURIComponent(s)}&state=xyz 302`,
  "code in exchange": (s) => `grant_type=authorization_code&code=${encodeURIComponent(s)}&redirect_uri=x`,
};

/** Where a word is a word, and what is mixed as a password is one. */
export const MIXED_PASSWORD: Wraps = {
  "for somebody": (s) => `auth failed for bob:${s}`,
  "for a user": (s) => `Authentication failed for user "bob:${s}" from 10.0.0.4`,
  "login for somebody": (s) => `login denied for bob@example.com:${s}.`,
  "login of somebody": (s) => `login attempt bob:${s} failed`,
  "credentials for somebody": (s) => `credentials for bob: ${s}`,
  "after passwd": (s) => `passwd ${s} rejected`,
  "after password": (s) => `wrong password "${s}", 2 attempts left`,
  "after user and pass": (s) => `user bob pass ${s} denied`,
  "after user and pw": (s) => `login=bob pw ${s}`,
  "as password": (s) => `tried ${s} as password`,
  "as the password, in quotes": (s) => `client sent '${s}' as the password`,
};

/** Where only what is drawn at random is a secret. */
export const DRAWN_TOKEN: Wraps = {
  "session_id=": (s) => `session_id=${s}`,
  "session id:": (s) => `session id: ${s}`,
  "sid=": (s) => `sid=${s} user=bob`,
  sessionId: (s) => `{"sessionId":"${s}","user":"bob"}`,
  "x-session-id": (s) => `x-session-id: ${s}`,
  authorization_code: (s) => `{"authorization_code":"${s}"}`,
  code_verifier: (s) => `grant=x&code_verifier=${s}&client_id=web`,
  "code with a state": (s) => `GET /cb2?code=${s}&state=x7`,
  "code after a state": (s) => `https://example.com/back?state=1&scope=a&code=${s} 302`,
  "code with a redirect": (s) => `POST /exchange?code=${s}&redirect_uri=https%3A%2F%2Fexample.com`,
  "reset link": (s) => `GET /reset-password/${s} 200`,
  "reset link, divided": (s) => `https://example.com/password/reset/${s}?lang=de`,
  "reset link, with the user's number": (s) => `GET /accounts/reset/MQ/${s}/ 200`,
  "login link": (s) => `GET /login/${s} 302`,
  "accept an invitation": (s) => `GET /invite/accept/${s} 302`,
  "invite link": (s) => `mail with https://example.com/invite/${s} sent`,
  "verify link": (s) => `GET /verify/${s} 404`,
  "verify e-mail link": (s) => `GET /email/verify/${s}`,
  "magic link": (s) => `GET /magic/${s} 302`,
  "magic-link link": (s) => `GET /auth/magic-link/${s}, expired`,
  "activation link": (s) => `"/users/activate/${s}"`,
  fragment: (s) => `https://example.com/cb#access_token=${s}&state=1`,
  "fragment of a login": (s) => `https://example.com/login#${s}`,
  "digest's answer": (s) =>
    `Authorization: Digest username="bob", realm="shop", nonce="dcd98b71", uri="/x", response="${s}", qop=auth`,
  "params of a select": (s) => `select * from sessions where token = ? params: ["${s}"]`,
};

/** Secrets with a form or a place of their own, and what must not be left of them. */
export const TOLD: readonly (readonly [text: string, secret: string])[] = [
  ["OTP code is 831942", "831942"],
  ["otp 831942 sent", "831942"],
  ["sent OTP 831 942 to bob", "831 942"],
  ["verification code 771204", "771204"],
  ["verification code for bob: 771204", "771204"],
  ["your verification code is 771204.", "771204"],
  ["your code is 771204", "771204"],
  ["G-771204 is your verification code", "771204"],
  ["2fa code: 123456", "123456"],
  ["two-factor code (4711) rejected", "4711"],
  ["verification code for <redacted:email>: 771204", "771204"],
  ["one-time password 831942 expired", "831942"],
  ["use 831942 as your login code", "831942"],
  ["MFA token 831942 rejected", "831942"],
  ["passcode is 831942", "831942"],
  ["login code 771204 expired", "771204"],
  ["sending code 831942 to bob", "831942"],
  ["verification_code=771204", "771204"],
  ['{"mfaCode":"771204"}', "771204"],
  ["recovery codes: a1b2-c3d4, e5f6-g7h8", "c3d4"],
  ["recovery codes: a1b2-c3d4, e5f6-g7h8", "e5f6"],
  ["backup code 8f3k2m9x used by bob", "8f3k2m9x"],
  ["backup codes: 12345678 87654321", "87654321"],
  ['{"recovery_codes":["a1b2-c3d4","e5f6-g7h8"]}', "e5f6"],
  ...(
    [
      ["root:", made("$6$salt", "FAKE$", "qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8")],
      ["shadow ", made("$5$rounds=5000$", "FAKEsalt$", "qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2a")],
      ["md5crypt ", made("$1$", "FAKE$", "qFmFHbQmmtXzyBY0s9v7O1")],
      ["yescrypt ", made("$y$j9T$", "FAKEsalt$", "qFmFHbQmmtXzyBY0s9v7O1qFmFHbQmmtXzyBY0s9v7O")],
      ["hash ", made("$2b$12$", "FAKEYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW")],
      [
        "got ",
        made("$argon2id$v=19$m=65536,t=3,p=4$", "FAKEc2FsdHNhbHQ$", "qFmFHbQmmtXzyBY0s9v7O1qFmFHbQmm"),
      ],
      ["userPassword: ", made("{SSHA}", "FAKEQ0ZBS0UvN3h4VjE5PT0Zk0rQ0ZB")],
      ["mismatch ", made("{SHA256}", "FAKEQ0ZBS0UvN3h4VjE5PT0Zk0rQ0ZB=")],
      ["django ", made("pbkdf2_sha256$600000$", "FAKEsalt$", "qFmFHbQmmtXzyBY0s9v7O1qFmFHbQmm=")],
      [
        "role ",
        made("SCRAM-SHA-256$4096:", "FAKEc2FsdA==$", "qFmFHbQmmtXzyBY0s9v7O1qFm=:FAKEHbQmmtXzyBY0s9v="),
      ],
    ] as const
  ).map(([before, hash]) => [`${before}${hash} end`, hash] as const),
  [`bob:1001:aad3b435b51404eeaad3b435b51404ee:${HEX}:::`, HEX],
  [`dumped SHOP\\bob:500:${HEX}:${HEX}:::`, HEX],
  [`bob::SHOP:1122334455667788:${HEX}:0101000000000000${HEX}`, HEX],
  [`ntlm=${HEX}`, HEX],
  [`NTLM hash of bob: ${HEX}`, HEX],
  [`private key 0x${HEX}${HEX} loaded`, HEX],
  [`"private_key": "${HEX}${HEX}"`, HEX],
  [
    `imported ${made("5Hue", "FAKE", "8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyT")} from wallet`,
    "5BDku4MkFqeZyd4dZ1jvhTVqvbTLvy",
  ],
  [
    `WIF=${made("Kwd", "FAKE", "mGerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP9861")}`,
    "SHS7JkmpZvVipYvB2LJGU1ZxJwYvP9",
  ],
  [`restored mnemonic ${WORDS}`, "winner thank"],
  [`seed phrase is "${WORDS}" of bob`, "winner thank"],
  [`ERROR wallet recovery phrase: ${WORDS}, 12 words`, "winner thank"],
  [
    `${made("AKIA", "FAKEFAKEFAKE2345")} ${made("wJalrXUtn", "FAKE", "K7MDENGbPxRfiCYzEXAMPLEKEYa")}`,
    "K7MDENGbPxRfiCY",
  ],
  [
    `${made("AKIA", "FAKEFAKEFAKE2345")}:${made("wJalr/Utn", "FAKE", "K7MDENG+PxRfiCYzEXAMPLEKEYa")}`,
    "K7MDENG+PxRfiCY",
  ],
  [
    `${made("wJalrXUtn", "FAKE", "K7MDENGbPxRfiCYzEXAMPLEKEYa")} is for ${made("AKIA", "FAKEFAKEFAKE2345")}`,
    "K7MDENGbPxRfiCY",
  ],
  [`POST /acs SAMLResponse=PHNhbWxw%0D%0A${SAML}%3D%3D&RelayState=x`, SAML],
  [`GET /sso?SAMLRequest=fZJNT8MwDIbv${SAML}&SigAlg=x`, SAML],
  [`{"SAMLResponse":"PHNhbWxw\\r\\n${SAML}"}`, SAML],
  [`<input type="hidden" name="SAMLResponse" value="${SAML}"/>`, SAML],
  ["tel 030 1234567", "1234567"],
  ["phone 0301234567", "1234567"],
  ["phone: 030 1234567", "1234567"],
  ["called 0172 / 1234567 twice", "1234567"],
  ['{"fax": "030 1234567"}', "1234567"],
];

/** All of them. */
export function formsOf(secret: string): string[] {
  const wraps = Object.values({ ...ANY_PASSWORD, ...MIXED_PASSWORD, ...DRAWN_TOKEN });
  return [...wraps.map((wrap) => wrap(secret)), ...TOLD.map(([text]) => text)];
}

/** Texts of many beginnings and no end, for each form. */
export const ENDLESS: readonly (readonly [name: string, text: string])[] = [
  ["doubled quotes", `password='${"a''b".repeat(100_000)}`],
  ["doubled quotes of many values", "password='a''b\" token=\"c\"\"d' ".repeat(15_000)],
  ["lists of parameters", "set password = $1 params: [".repeat(18_000)],
  ["numbered parameters", `set password = $1 parameters: ${"$1 = 'a', ".repeat(40_000)}`],
  ["stand-ins", "password = ? ".repeat(35_000)],
  ["links", "/reset-password/invite/verify/magic/".repeat(14_000)],
  ["queries", "?code=a&state=".repeat(35_000)],
  ["SAML", "SAMLResponse=a%0A".repeat(30_000)],
  ["one SAML response", `SAMLResponse=${"aB3%2B".repeat(80_000)}`],
  ["people", "auth failed for bob:a1 ".repeat(20_000)],
  ["guesses", "tried a1b2c3 as ".repeat(30_000)],
  ["codes", "verification code for your code is ".repeat(14_000)],
  ["spare codes", `recovery codes: ${"a1b2-c3d4, ".repeat(45_000)}`],
  ["seeds", `mnemonic ${"legal winner ".repeat(38_000)}`],
  ["hashes", "$2b$12$aa$6$salt$aa$argon2id$".repeat(17_000)],
  ["accounts", "bob:1001:aad3b435b51404eeaad3b435b51404ee:".repeat(12_000)],
  ["AWS keys", "<redacted:aws-key> a ".repeat(24_000)],
  ["long base64", "aB3/".repeat(125_000)],
  ["logins", "sp_addlogin 'a', net use x /user:b ConvertTo-SecureString ".repeat(9_000)],
  ["telephones", "tel 030 tel 0".repeat(38_000)],
];
