import { UserError } from "../../errors.ts";

/** A provider as sentences about it need it. Made by `providerAt`. */
export interface ModelProvider {
  /** "OpenAI". Its address is the operator's, and a channel full of people reads what fails. */
  called: string;
  /** Without a slash at its end, a query, or anybody's credentials. */
  baseUrl: string;
  /** Names of the settings that a sentence tells somebody to look at. */
  settings: { key: string; baseUrl: string };
  /** At its maker's own address, which no setting has to name. */
  isAtHome: boolean;
}

/**
 * A key without the spaces and line ends it was copied with.
 * @throws UserError where it cannot be one: a header takes it no further, and says what it was.
 */
export function keyOf(settings: ModelProvider["settings"], apiKey: string): string {
  const key = apiKey.trim();
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new UserError(`${settings.key} is empty or holds characters that no key has. Copy it anew.`);
  }
  return key;
}

/** @throws UserError where it is no address that can be asked; the address itself may hold a password and is not repeated. */
export function providerAt(
  name: string,
  settings: ModelProvider["settings"],
  baseUrl: string,
  isAtHome = false,
): ModelProvider {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UserError(`${settings.baseUrl} is not an address. It begins with http:// or https://.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UserError(`${settings.baseUrl} holds a user or password. Put the key into ${settings.key}.`);
  }
  const plain = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  return { called: name, baseUrl: plain, settings, isAtHome };
}
