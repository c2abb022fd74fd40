/** The server could not be reached, or only a proxy before it answered: the same act may be sent again. */
export class Unreachable extends Error {}

/** The session is over: only the printed address helps. */
export class SignedOut extends Error {}

/** There is no room for this page just now: the sentence is for the reader. */
export class Full extends Error {}

const SIGNED_OUT =
  "This page is no longer signed in. Open the address that LogHunter printed when it started.";

/**
 * @typedef {import("./live.js").Message} Message
 *
 * @typedef {object} Answer
 * @property {string} outcome
 * @property {string} [thread]
 * @property {import("./form.js").Form} [form]
 * @property {Record<string, string>} [mistakes]
 * @property {Message} [secret] a message as this page alone gets it, and once: the server does not keep what it shows
 */

/** @type {(secret: Message) => void} */
let showSecret = () => {};

/** @param {(secret: Message) => void} show what comes in the answer to any act */
export function takeSecrets(show) {
  showSecret = show;
}

/**
 * Sends an act until it is done. The same id may be sent any number of times: the server does it once.
 * @param {"/say" | "/press" | "/fill" | "/explain"} path
 * @param {{ id: string } & Record<string, unknown>} body
 * @returns {Promise<Answer>}
 */
export async function act(path, body) {
  for (;;) {
    const response = await ask(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    // 202: still being worked on; asking again waits on.
    if (response.status === 202) continue;
    /** @type {Answer} */
    const answer = await response.json();
    if (answer.secret !== undefined) showSecret(answer.secret);
    return answer;
  }
}

/**
 * @param {string} path
 * @param {Record<string, string | undefined>} [query]
 * @param {AbortSignal} [signal]
 */
export async function get(path, query = {}, signal = undefined) {
  const given = Object.entries(query).filter((entry) => entry[1] !== undefined);
  const search = new URLSearchParams(/** @type {[string, string][]} */ (given)).toString();
  const response = await ask(search === "" ? path : `${path}?${search}`, signal ? { signal } : {});
  return await response.json();
}

/**
 * @param {string} address
 * @param {RequestInit} init
 */
async function ask(address, init) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(address, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new Unreachable("LogHunter cannot be reached.", { cause });
  }
  if (response.ok) return response;
  if (response.status === 401) throw new SignedOut(SIGNED_OUT);
  if ([502, 503, 504].includes(response.status)) throw new Unreachable("LogHunter cannot be reached.");
  const { error } = await response.json().catch(() => ({ error: undefined }));
  if (response.status === 429 && error !== undefined) throw new Full(error);
  throw new Error(error ?? `LogHunter answered ${response.status}.`);
}
