import { get, SignedOut } from "./api.js";
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
 * @typedef {{ messages: Message[], first?: boolean, nowMs: number }} Batch
 * @typedef {"connected" | "reconnecting" | "signed out"} State
 */

/** The server says something every 15 s; three times nothing is a dead line. */
const SILENCE_MS = 45_000;

/**
 * Listens to one channel, and comes back by itself after any break, from the last revision it saw.
 * @param {string} channel
 * @param {{ messages: (batch: Batch) => void, state: (state: State) => void }} on
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
    on.state("connected");
    clearTimeout(timer);
    timer = setTimeout(lost, SILENCE_MS);
  }

  async function lost() {
    source?.close();
    source = undefined;
    clearTimeout(timer);
    on.state("reconnecting");
    failures += 1;
    timer = setTimeout(
      connect,
      Math.min(5_000, 300 * 2 ** Math.min(failures, 6)) * (0.8 + Math.random() * 0.4),
    );
    // An EventSource does not tell why it failed.
    const why = await get("/setup").catch((error) => error);
    if (why instanceof SignedOut) {
      clearTimeout(timer);
      on.state("signed out");
    }
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
