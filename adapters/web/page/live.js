import { Full, get, SignedOut } from "./api.js";
import { zone } from "./dom.js";

/**
 * @typedef {object} Message
 * @property {string} id
 * @property {string} once the act or delivery that made it
 * @property {number} revision
 * @property {string} [thread]
 * @property {number} atMs
 * @property {"bot" | "person"} author
 * @property {boolean} onlyYou
 * @property {string} html
 *
 * @typedef {object} Page
 * @property {Message[]} messages
 * @property {Record<string, { replies: number, lastAtMs: number }>} threads by the message answered
 * @property {string} [earlier] the oldest message of the list that is here; none: nothing was said before it
 *
 * @typedef {Page & { first?: boolean, nowMs: number }} Batch
 * @typedef {"connected" | "reconnecting" | "full" | "signed out"} State
 */

/** The server says something every 15 s; three times nothing is a dead line. */
const SILENCE_MS = 45_000;
/** As the server asks for where it has no room. */
const FULL_MS = 15_000;

/**
 * Listens to one channel, and comes back by itself after any break, from the last revision it saw.
 * @param {string} channel
 * @param {{ messages: (batch: Batch) => void, state: (state: State, why?: string) => void }} on
 * @returns {() => void} ends it
 */
export function listen(channel, on) {
  /** @type {string | undefined} */
  let after;
  /** @type {EventSource | undefined} */
  let source;
  /** @type {number | undefined} */
  let timer;
  let failures = 0;
  let isFull = false;

  function connect() {
    clearTimeout(timer);
    source?.close();
    const query = new URLSearchParams({ channel, zone });
    if (after !== undefined) query.set("after", after);
    source = new EventSource(`/events?${query}`);
    source.addEventListener("open", heard);
    source.addEventListener("pulse", heard);
    source.addEventListener("messages", (event) => {
      heard();
      after = event.lastEventId;
      on.messages(JSON.parse(event.data));
    });
    // The browser's own way of coming back gives up for good on some answers; this one never does.
    source.addEventListener("error", lost);
    timer = setTimeout(lost, SILENCE_MS);
  }

  function heard() {
    failures = 0;
    isFull = false;
    on.state("connected");
    clearTimeout(timer);
    timer = setTimeout(lost, SILENCE_MS);
  }

  async function lost() {
    source?.close();
    source = undefined;
    clearTimeout(timer);
    if (!isFull) on.state("reconnecting");
    failures += 1;
    again(Math.min(5_000, 300 * 2 ** Math.min(failures, 6)));
    // An EventSource does not tell why it failed.
    const why = await get("/room").catch((error) => error);
    isFull = why instanceof Full;
    if (why instanceof Full) {
      again(FULL_MS);
      on.state("full", why.message);
    } else if (why instanceof SignedOut) {
      clearTimeout(timer);
      on.state("signed out");
    }
  }

  /** Not all pages at the same moment. @param {number} afterMs */
  function again(afterMs) {
    clearTimeout(timer);
    timer = setTimeout(connect, afterMs * (0.8 + Math.random() * 0.4));
  }

  function hurry() {
    if (source === undefined && !document.hidden) connect();
  }

  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  connect();
  return () => {
    removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
    clearTimeout(timer);
    source?.close();
  };
}
