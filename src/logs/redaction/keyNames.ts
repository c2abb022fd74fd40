/** How much a key says about its value. */
export interface KeyMeaning {
  /** What the placeholder is called. */
  kind: string;
  /** `certain`: any value is a secret. `likely`: names and small numbers are not (`token=bucket-13`). */
  trust: "certain" | "likely";
}

/** What makes `password_policy`, `tokenType` or `secret-name` talk about a secret rather than hold it. */
const ABOUT = new Set([
  "policy",
  "length",
  "min",
  "max",
  "age",
  "expiry",
  "expires",
  "expired",
  "expiration",
  "attempts",
  "changed",
  "id",
  "ids",
  "name",
  "names",
  "path",
  "file",
  "type",
  "count",
  "url",
  "uri",
  "field",
  "hint",
  "required",
  "version",
  "provider",
  "enabled",
  "ttl",
  "left",
  "limit",
  "at",
  "in",
  "ms",
  "seconds",
  "status",
  "missing",
  "error",
  "invalid",
  "valid",
  "ref",
  "page",
  "continuation",
  "next",
  "cancellation",
  "fencing",
  "bucket",
  "prefix",
  "usage",
  "manager",
  "service",
  "endpoint",
  "issuer",
  "audience",
  "scope",
  "store",
  "algorithm",
  "arn",
  "rotation",
  "index",
  "position",
]);

/** `api_key` and its kind; a bare `key`, `primary_key`, `partition_key`, `routing_key`, `public_key` are none. */
const KEY_OF = new Set([
  "api",
  "access",
  "private",
  "secret",
  "account",
  "auth",
  "authentication",
  "encryption",
  "encrypt",
  "signing",
  "sign",
  "master",
  "session",
  "shared",
  "service",
  "app",
  "application",
  "admin",
  "license",
  "licence",
  "client",
  "webhook",
  "hmac",
  "aes",
  "rsa",
  "ssh",
  "deploy",
  "storage",
  "subscription",
  "integration",
  "server",
  "write",
  "read",
  "ingest",
  "functions",
  "host",
  "root",
  "x",
  "decryption",
  "jwt",
  "cookie",
  "sas",
  "ec",
]);

const PERSONAL: ReadonlyMap<string, string> = new Map([
  ["ssn", "ssn"],
  ["cvv", "card-code"],
  ["cvv2", "card-code"],
  ["cvc", "card-code"],
  ["otp", "otp"],
  ["pin", "pin"],
  ["totp", "otp"],
  ["phone", "phone"],
  ["mobile", "phone"],
  ["msisdn", "phone"],
  ["passport", "passport"],
]);

/** What a key's name says of its value; nothing for most keys. */
export function meaningOf(key: string): KeyMeaning | undefined {
  if (!HINT.test(key)) return undefined;
  const words = wordsOf(key);
  // `token_value`, `secretString`: the word before says what it is.
  if (words.length > 1 && /^(?:value|string|raw|plain|base64)$/.test(words.at(-1) ?? "")) words.pop();
  const last = words.at(-1) ?? "";
  if (ABOUT.has(last) || ABOUT.has(words[0] ?? "") || words.includes("public")) {
    // `x-service-token`, `next.auth.secret`: only the last word decides whether it is about one.
    if (ABOUT.has(last) || words.includes("public") || !SECRET_WORD.test(last)) return undefined;
    if (/^(?:page|next|continuation|cancellation|fencing|max|min)$/.test(words[0] ?? "")) return undefined;
  }
  if (words.some((word) => PASSWORD.test(word))) return { kind: "password", trust: "certain" };
  const personal = PERSONAL.get(last);
  if (personal !== undefined) return { kind: personal, trust: "likely" };
  if (/^(?:proxy)?authorization$/.test(last)) return { kind: "authorization", trust: "likely" };
  if (words.some((word) => /secret$/.test(word))) return { kind: "secret", trust: "certain" };
  if (/token$|^jwt$|^bearer$/.test(last)) return { kind: "token", trust: "likely" };
  if (/^(?:api|access|auth|account|secret|private|signing|encryption|master|app|license)keys?$/.test(last)) {
    return { kind: "api-key", trust: "likely" };
  }
  if (last === "key" || last === "keys") {
    return words.length > 1 && KEY_OF.has(words.at(-2) ?? "")
      ? { kind: "api-key", trust: "likely" }
      : undefined;
  }
  if (words.includes("secret")) return { kind: "secret", trust: "likely" };
  if (SECRET_WORD.test(last)) return { kind: "secret", trust: "likely" };
  return undefined;
}

const HINT =
  /pass|pwd|pw|secret|token|key|auth|cred|sig|sid|sess|jwt|bearer|otp|pin|cv[cv]|ssn|phone|mobile|msisdn/i;
const PASSWORD = /passwords?$|passwd$|passphrase$|passcode$|passwort$|^pass$|^pwd$|^pw$|^pgpass$/;
const SECRET_WORD =
  /^(?:secret|token|auth|credential|credentials|creds|sig|signature|sid|jsessionid|phpsessid|sessionid|sessionkey|key|authkey)$|secret$|token$/;

/** `aws_secretAccess-Key` → aws, secret, access, key. */
function wordsOf(key: string): string[] {
  return key
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
