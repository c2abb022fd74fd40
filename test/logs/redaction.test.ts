import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { redact, sampleOf } from "../../src/logs/redaction.ts";
import { leastMs } from "../support/leastMs.ts";
import { formsOf } from "./redactionForms.ts";

/** Random enough, and never real. */
const SECRET = ["q7Rt", "FAKE", "9xLm2vKz"].join("");
/** Put together here, so that no scanner takes this file for a leak. */
const made = (...parts: string[]): string => parts.join("");

const KEYED: readonly string[] = [
  `password=${SECRET}`,
  `DB_PASSWORD=${SECRET} HOST=db`,
  `db.password: ${SECRET}`,
  `password\t=\t${SECRET}`,
  `{"user":"bob","password":"${SECRET}"}`,
  `{"body":"{\\"password\\":\\"${SECRET}\\"}"}`,
  `{"a":"{\\"b\\":\\"{\\\\\\"password\\\\\\":\\\\\\"${SECRET}\\\\\\"}\\"}"}`,
  `\\u0022password\\u0022:\\u0022${SECRET}\\u0022`,
  `&quot;password&quot;:&quot;${SECRET}&quot;`,
  `%22password%22%3A%22${SECRET}%22`,
  `body=user%3Dapp%26password%3D${SECRET}%26remember%3D1`,
  `{'NAME': 'app', 'PASSWORD': '${SECRET}'}`,
  `array('password' => '${SECRET}')`,
  `User(name=bob, password=${SECRET}, age=3)`,
  `Config { token: Some("${SECRET}") }`,
  `map[password:${SECRET} user:x]`,
  `<ns:password>${SECRET}</ns:password>`,
  `<add key="password" value="${SECRET}"/>`,
  `{"name":"DB_PASSWORD","value":"${SECRET}"}`,
  `("password", "${SECRET}")`,
  `headers: {X-Auth-Token=[${SECRET}], Accept=[*/*]}`,
  `X-Api-Key: ${SECRET}`,
  `PRIVATE-TOKEN: ${SECRET}`,
  `config:\\n  password: ${SECRET}\\n  host: db`,
  `token="${SECRET}`,
  `\u001b[32mtoken\u001b[0m=\u001b[33m${SECRET}\u001b[0m`,
  `name="password"\r\n\r\n${SECRET}\r\n--b`,
];

const PLACED: readonly string[] = [
  `Authorization: Bearer ${SECRET}`,
  `authorization=ApiKey ${SECRET}`,
  `Proxy-Authorization: Basic ${SECRET}==`,
  `Cookie: session=${SECRET}; theme=dark`,
  `set-cookie: connect.sid=s%3A${SECRET}; Path=/; HttpOnly`,
  `postgres://app:${SECRET}@db/shop`,
  `redis://:${SECRET}@redis:6379/0`,
  `amqp://guest:p@ss${SECRET}@mq:5672`,
  `app:${SECRET}@tcp(db:3306)/shop`,
  `mysql -uroot -p${SECRET} -h db`,
  `sshpass -p '${SECRET}' ssh root@10.0.0.4`,
  `redis-cli -h x -a ${SECRET} ping`,
  `curl -u admin:${SECRET} https://example.com`,
  `run --password ${SECRET} --host x`,
  `["--token", "${SECRET}"]`,
  `GET /cb?code=4/0AX4${SECRET}&state=1`,
  `https://x.blob.core.windows.net/c?sv=2024&sig=${SECRET}%3D`,
  `https://app.example.com/reset-password?token=${SECRET}&uid=7`,
  `ALTER USER app PASSWORD '${SECRET}'`,
  `auth failed with token ${SECRET}`,
  `invalid api key provided: ${SECRET}.`,
];

const SHAPED: readonly [kind: string, secret: string][] = [
  ["jwt", made("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiJmYWtlIn0", ".c2lnbmF0dXJlRkFLRQ")],
  ["aws-key", made("AKIA", "FAKEFAKEFAKE2345")],
  ["google-key", made("AIza", "FAKEfakeFAKEfakeFAKEfakeFAKEfake123")],
  ["github-token", made("ghp_", "FAKEfakeFAKEfakeFAKEfakeFAKEfake1234")],
  ["gitlab-token", made("glpat-", "FAKEfakeFAKEfake1234")],
  ["slack-token", made("xoxb-", "123456789012-FAKEfakeFAKE")],
  ["loghunter-key", made("lh_", "0sn1BYaZWY4vyftRMQk44x", "_FAKEfakeFAKEfakeFAKEfakeFAKEfak1", "_1GLHi7")],
  ["stripe-key", made("sk_live_", "FAKEfakeFAKEfake12345678")],
  ["npm-token", made("npm_", "FAKEfakeFAKEfakeFAKEfakeFAKEfake1234")],
  ["openai-key", made("sk-proj-", "FAKEfakeFAKEfakeFAKEfake1234")],
  ["anthropic-key", made("sk-ant-", "api03-FAKEfakeFAKEfake1234")],
  ["sendgrid-key", made("SG.", "FAKEfakeFAKEfake1234", ".FAKEfakeFAKEfake1234")],
  ["webhook", made("https://hooks.slack", ".com/services/T0FAKE000/B0FAKE000/FAKEfakeFAKE")],
  [
    "private-key",
    made("-----BEGIN RSA PRIVATE", " KEY-----\\nFAKE/fake+FAKE\\n-----END RSA PRIVATE", " KEY-----"),
  ],
  ["private-key", made("-----BEGIN PRIVATE", " KEY-----\nFAKE/fake+FAKE")],
  ["card", "4111 1111 1111 1111"],
  ["iban", "GB82 WEST 1234 5698 7654 32"],
  ["email", "jane.doe@example.co.uk"],
  ["phone", "+1 (555) 555-0172"],
];

const BENIGN: readonly string[] = [
  "token expired",
  "ERROR password must be at least 12 characters",
  "password: must be long",
  "Unexpected token } in JSON at position 118",
  "api key rotation finished for 14 keys",
  "WARN authorization: policy 'allow-internal' denied user",
  "Bearer token missing from request",
  "Authorization: Bearer [REDACTED] status=403",
  "login failed user=svc password=******** host=ldap5",
  made("unresolved placeholder $", "{REDIS_PASSWORD} in application.yaml"),
  "rate limiter token=bucket-13 tokens_left=0",
  "max_tokens=1015 prompt_tokens=8060",
  "partition key=customer-8974 offset=82906300",
  "duplicate key value primary_key=7219608",
  "page_token=CAUQAA1234567890abc",
  'secret "notify-db-credentials-v13" not found',
  "open '/run/secrets/db_password'",
  "csrf token mismatch for request 0edd3e91-e004-de62-00b7-48e0b2a89ca1",
  "traceparent: 00-5f0985d2e12453dcd9280b3a0c9b1dc4-9b6bd6f8b7481780-01",
  "commit 91a7e32530a71994a9694f7503b21f5c32a6faad",
  "order number 9611065288899579 rejected",
  "loki entry out of order ts=1788856005455552104",
  "chromium 110.0.6410.70 started on 192.168.100.200",
  "2026-11-24T03:04:05.123+00:00 x",
  "npm install @scope/pkg@5.9.11 failed",
  "git clone git@github.com:team/app.git",
  "redis://redis:6379/0 and http://host:8080/path?email=x",
  "Access denied for user 'bob'@'10.0.0.1' (using password: YES)",
];

describe("redaction removes", () => {
  test.each([...KEYED, ...PLACED])("the secret of %j", (line) => {
    const redacted = redact(line);
    expect(redacted).not.toContain(SECRET.slice(0, 9));
    expect(redacted).toContain("<redacted:");
  });

  test.each(SHAPED)("a %s wherever it stands", (kind, secret) => {
    expect(redact(`got ${secret} here`)).toBe(
      `got <redacted:${kind}> here`.replace(
        /(key>) here$/,
        secret.includes("END") || kind !== "private-key" ? "$1 here" : "$1",
      ),
    );
  });

  test.each([
    ["github-token", made("ghp_", "aK3xQ9vLm2Zt7RwYc5", "Bn8Jd1Hf6Gs4PeUo0i")],
    ["aws-key", made("AKIA", "Q3EG", "RTYLK7", "ZPW2XB")],
    ["stripe-key", made("sk_", "live_", "51HqT7rKx9Wm2ZbVn4")],
    ["slack-token", made("xoxb-", "123456789012-", "abcdefABCDEF")],
    ["gitlab-token", made("glpat-", "a1B2c3D4e5F6g7H8i9J0")],
    ["jwt", made("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiI3NyJ9.", "kY3vPq8sLw0ZxT6uJd2R")],
  ])("a %s also where a word is glued to it", (kind, secret) => {
    for (const before of ["v2-", "v2_", "backup_", "tag-"])
      expect(redact(`deployed ${before}${secret} now`)).toBe(`deployed ${before}<redacted:${kind}> now`);
  });

  test("only the value, so that the line can still be read", () => {
    expect(redact(`user=bob password=${SECRET} host=db`)).toBe(
      "user=bob password=<redacted:password> host=db",
    );
    expect(redact(`{"password":"${SECRET}","code":51}`)).toBe('{"password":"<redacted:password>","code":51}');
    expect(redact(`postgres://app:${SECRET}@db/shop`)).toBe("postgres://app:<redacted:password>@db/shop");
  });
});

describe("redaction leaves alone", () => {
  test.each(BENIGN)("%s", (line) => expect(redact(line)).toBe(line));
});

const pieces = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(...KEYED, ...PLACED, ...SHAPED.map(([, secret]) => secret), ...BENIGN),
  fc.constantFrom(...formsOf(SECRET)),
  fc.constantFrom(
    "password",
    "token",
    "=",
    ":",
    '"',
    "'",
    "\\",
    " ",
    "<redacted:jwt>",
    "Bearer ",
    "@",
    "://",
    "-----BEGIN ",
    "\n",
    "&",
    "%3D",
  ),
);

describe("redaction of whatever comes", () => {
  test("changes nothing the second time", () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const once = redact(parts.join(""));
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ["keys", "password=".repeat(112_000)],
    ["open quotes", 'password="'.repeat(100_000)],
    ["backslashes", "\\".repeat(1_000_000)],
    ["PEM beginnings", made("-----BEGIN PRIVATE", " KEY-----").repeat(37_000)],
    ["JWT beginnings", "eyJaaaaaaaa.".repeat(83_000)],
    ["at signs", "a@b.".repeat(250_000)],
    ["digits", "1 ".repeat(500_000)],
    ["commands", "mysql curl ".repeat(90_000)],
    ["URLs", "://a:".repeat(200_000)],
    ["one word", "a".repeat(1_000_000)],
    ["cookies", "cookie: ".repeat(125_000)],
  ])("is linear for %s", (_name, text) => {
    redact(text.slice(0, 50_000));
    // Quadratic work would take minutes.
    expect(leastMs(() => redact(text), 3)).toBeLessThan(100);
    expect(leastMs(() => sampleOf(text), 3)).toBeLessThan(100);
  });
});

describe("a sample", () => {
  test("has no control, colour, bidirectional or zero-width characters", () => {
    expect(sampleOf("a\u001b[31mb\u0000c\u202ed\u200be\r\n\tf\u009bg")).toBe("abcde\n\tfg");
  });

  test("has no lone surrogates, and is not cut within a character", () => {
    expect(sampleOf("a\ud800b")).toBe("a\ufffdb");
    const sample = sampleOf("😀".repeat(100), 41);
    expect(sample).toBe(`${"😀".repeat(11)}… (+178 characters)`);
  });

  test("cannot show half a secret at the cut", () => {
    for (let maxChars = 20; maxChars < 80; maxChars++) {
      expect(sampleOf(`${"x".repeat(30)} password=${SECRET} ${"y".repeat(60)}`, maxChars)).not.toContain(
        SECRET.slice(0, 4),
      );
    }
    expect(sampleOf(`${"word ".repeat(20_000)}password=${SECRET}`)).not.toContain("q7Rt");
  });

  test("hides a secret that invisible characters divide", () => {
    expect(sampleOf(`pass\u200bword=${SECRET.slice(0, 8)}\u200b${SECRET.slice(8)}`)).toBe(
      "password=<redacted:password>",
    );
  });

  test("is never longer than asked for, and says how much is missing", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 300 }),
        fc.integer({ min: 30, max: 200 }),
        (text, maxChars) => {
          expect(sampleOf(text, maxChars).length).toBeLessThanOrEqual(maxChars);
        },
      ),
    );
    expect(sampleOf("a ".repeat(500_000), 60)).toMatch(/^(?:a )+a?… \(\+9999\d\d characters\)$/);
  });
});
