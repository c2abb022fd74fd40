import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { UserError } from "../errors.ts";

/**
 * Seals what must be readable again: AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D), the name of its key in
 * front, `<key>.<nonce>.<tag>.<text>` in base64url.
 */
export interface Keyring {
  /** @param about where it belongs, such as "slack/T1": what was sealed for one place opens for no other. */
  seal(plain: string, about: string): string;
  /** @throws UserError where its key is not in the ring; Error where it was changed or belongs elsewhere. */
  open(sealed: string, about: string): string;
  /** Whether it was sealed with the key that is used now. */
  isCurrent(sealed: string): boolean;
}

const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/** A key with the name under which it is kept in what it sealed. */
export interface NamedKey {
  name: string;
  key: Buffer;
}

/**
 * Reads `2:<base64>,1:<base64>`: 32 bytes each, the first one seals.
 * @throws UserError that says what is wrong, without the value.
 */
export function readKeys(text: string): NamedKey[] {
  const keys = text.split(",").map((part) => {
    const [, name, base64] = /^\s*([A-Za-z0-9_-]{1,20}):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(part) ?? [];
    const key = Buffer.from(base64 ?? "", "base64");
    if (name === undefined || key.length !== KEY_BYTES) throw new UserError(WRONG);
    return { name, key };
  });
  if (new Set(keys.map(({ name }) => name)).size < keys.length)
    throw new UserError("Two encryption keys have the same name: give each a name of its own.");
  return keys;
}

const WRONG =
  "must be <name>:<32 bytes in base64>, several with commas between; make one with: echo 1:$(openssl rand -base64 32)";

/** @param keys at least one; the first seals, all open */
export function createKeyring(keys: readonly NamedKey[]): Keyring {
  const [current] = keys;
  if (current === undefined) throw new Error("a keyring needs a key");
  return {
    seal(plain, about) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, current.key, nonce);
      cipher.setAAD(Buffer.from(about));
      const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      const parts = [nonce, cipher.getAuthTag(), text].map((part) => part.toString("base64url"));
      return [current.name, ...parts].join(".");
    },
    open(sealed, about) {
      const [name = "", nonce = "", tag = "", text = ""] = sealed.split(".");
      const known = keys.find((key) => key.name === name);
      if (known === undefined) {
        throw new UserError(
          `The encryption key "${name.slice(0, 20)}" is missing. Add it to ENCRYPTION_KEYS again, behind the others.`,
        );
      }
      const options = { authTagLength: 16 };
      const decipher = createDecipheriv(ALGORITHM, known.key, Buffer.from(nonce, "base64url"), options);
      decipher.setAAD(Buffer.from(about));
      decipher.setAuthTag(Buffer.from(tag, "base64url"));
      return Buffer.concat([decipher.update(Buffer.from(text, "base64url")), decipher.final()]).toString(
        "utf8",
      );
    },
    isCurrent: (sealed) => sealed.startsWith(`${current.name}.`),
  };
}
