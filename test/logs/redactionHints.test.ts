import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { hintsOf } from "../../src/logs/redaction/hints.ts";
import { HINT } from "../../src/logs/redaction/hintTexts.ts";
import { SHAPES } from "../../src/logs/redaction/shapes.ts";
import { redact } from "../../src/logs/redaction.ts";
import { BENIGN } from "./redactionBenign.ts";
import { ANY_PASSWORD, DRAWN_TOKEN, formsOf, MIXED_PASSWORD, TOLD } from "./redactionForms.ts";
import { LOOK_ALIKES } from "./redactionLookAlikes.ts";

/** An odd space, apart from everything: with it all rules are tried. */
const ALL_RULES = "\u2003\n\n";
const redactedByAll = (text: string): string => redact(ALL_RULES + text).slice(ALL_RULES.length);

const SECRETS = [
  ["q7Rt", "FAKE", "9xLm2vKz"].join(""),
  ["ghp_", "FAKE", "a1b2c3d4e5f6g7h8i9j0"].join(""),
  "hunter2pw",
];
const wraps = [ANY_PASSWORD, MIXED_PASSWORD, DRAWN_TOKEN].flatMap((forms) => Object.values(forms));
const TEXTS = [
  ...SECRETS.flatMap((secret) => [...wraps.map((wrap) => wrap(secret)), ...formsOf(secret)]),
  "Cookie: theme=x7Kp9qW2mLr4",
  "login for bob:x7Kp9qW2mLr4 rejected",
  "bind as bob:x7Kp9qW2mLr4 rejected",
  "login attempt bob:x7Kp9qW2mLr4 rejected",
  ...["otp", "totp", "pin", "sms_code", "login code", "backup-code", "recovery_code", "2fa_code"].map(
    (key) => `${key}: 482913`,
  ),
  ...["auth", "sid", "PHPSESSID", "session id", "session.id", "code_verifier", "api key", "signature"].map(
    (key) => `${key}=${SECRETS[0]}`,
  ),
  "card: 4111 1111 1111 1111 9",
  "card: 411111111111",
  `https://x.io/a?X-Amz-Security-Token=${SECRETS[0]}`,
  `https://x.io/verify#${SECRETS[0]}`,
  `set -x DB_PASSWORD ${SECRETS[0]}`,
  `run --pwd ${SECRETS[0]}`,
  `run /pwd ${SECRETS[0]}`,
  `cmdkey /add:host /pass:${SECRETS[0]}`,
  "(555) 555-0172",
  "(555)555-0172",
  ...TOLD.map(([text]) => text),
  ...LOOK_ALIKES,
  ...BENIGN,
];

describe("what a text hints at", () => {
  test("spares no rule that would have changed it", () => {
    const differing = TEXTS.filter((text) => redact(text) !== redactedByAll(text));
    expect(differing).toEqual([]);
    expect(TEXTS.length).toBeGreaterThan(500);
  });

  test.each(SHAPES.map(({ kind, pattern }) => [kind, pattern] as const))(
    "a %s is hinted at by its form",
    (_kind, pattern) => {
      const bare = new RegExp(pattern.source.replace(/\(\?<?[!=](?:[^()[\]\\]|\\.|\[[^\]]*\])*\)/g, ""));
      fc.assert(
        fc.property(fc.stringMatching(bare), (text) => {
          const token = new RegExp(pattern.source).exec(text)?.[0];
          // What its look-arounds forbid is no such token.
          fc.pre(token !== undefined && /^[\0-\x7f]*$/.test(token));
          expect(hintsOf(token as string) & HINT.shape).toBe(HINT.shape);
        }),
        { numRuns: 60 },
      );
    },
  );

  test("spares nothing in what is put together at random", () => {
    const piece = fc.constantFrom(
      ...SECRETS,
      ...["password", "token", "key", "bearer", "cookie", "phone", "ssn", "for", "user", "code", "reset"],
      ...["=", ":", " ", '"', "'", "\n", "--", "-p", "//", "/", "?", "&", "#", "@", "+", "(", ")", "."],
      ...[
        "49 30 1234567",
        "GB82 WEST 1234 5698 7654 32",
        "4111-1111-1111-1111",
        "123-45-6789",
        "example.com",
      ],
      ...["é", "пароль", "密码", "“", "”", "—", "→", "＝", "：", "│", "＠", "\u00a0", "\u200b", "😀"],
      ...["curl -u ", "mysql -p", "insert into t (a, password) values (1, 'x7Kp'", "is", "as", "env"],
      ...["d41d8cd98f00b204e9800998ecf8427e", "AKIAFAKEFAKEFAKEFAKE", "-----BEGIN PRIVATE KEY-----"],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        expect(redact(text)).toBe(redactedByAll(text));
      }),
      { numRuns: 3_000 },
    );
  });
});
