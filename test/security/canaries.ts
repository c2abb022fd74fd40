import { randomInt } from "node:crypto";
import { createSecretSearch } from "../support/secretSearch.ts";

/** Secrets that nobody has ever seen, to be given to the program and looked for in all that comes out of it. */
export interface Canaries {
  /** A new one, of letters and digits. */
  make(name: string): string;
  /** One that exists already, in its own form. */
  know(name: string, secret: string): void;
  /** Where one stands in the text: its name, its spelling and what stood before it. */
  foundIn(text: string): string[];
  readonly count: number;
}

const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";
const LENGTH = 24;
const LEAST = 12;

export function createCanaries(): Canaries {
  const sought: { name: string; secret: string }[] = [];
  const known: { name: string; secret: string }[] = [];
  return {
    make(name) {
      const secret = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
      sought.push({ name, secret });
      return secret;
    },
    know: (name, secret) => void (secret.length >= LEAST && known.push({ name, secret })),
    foundIn: (text) => [
      ...createSecretSearch(sought)(text).map(
        ({ name, spelling, before }) => `${name} (${spelling}) after …${before.slice(-80)}`,
      ),
      ...known.filter(({ secret }) => text.includes(secret)).map(({ name }) => `${name} (as it is)`),
    ],
    get count() {
      return sought.length + known.length;
    },
  };
}
