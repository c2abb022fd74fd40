import { createComposer } from "./composer.js";
import { find, narrow } from "./dom.js";
import { createEarlier } from "./earlier.js";
import { followLatest } from "./follow.js";
import { createList } from "./list.js";

/**
 * @typedef {import("./live.js").Message} Message
 * @typedef {import("./outbox.js").Said} Said
 */

/**
 * The panel at the side (over everything on a phone) with one message and its replies.
 * @param {{
 *   channel: () => string,
 *   messages: (root: string) => Message[],
 *   isWhole: (root: string) => boolean,
 *   loaded: (page: import("./live.js").Page) => void,
 *   say: (said: Omit<Said, "id">) => void,
 *   showUnsent: (root: string) => void,
 *   isWorking: (root: string) => boolean,
 *   sentBefore: () => string[],
 *   maxChars: number,
 * }} options
 */
export function createThread(options) {
  const panel = find("#thread");
  const holder = find(".messages", panel);
  const list = createList(holder);
  const scroller = find(".scroll", panel);
  const follow = followLatest(scroller);
  const earlier = createEarlier(
    find(".earlier", panel),
    scroller,
    () => ({ channel: options.channel(), ...(root !== undefined && { thread: root }) }),
    (page) => {
      options.loaded(page);
      list.put(page.messages, true);
      if (follow.isFollowing()) follow.jump();
    },
  );
  /** @type {string | undefined} */
  let root;
  /** @type {Element | null} */
  let opener = null;
  /** What was being written in threads when they were left. @type {Map<string, string>} */
  const drafts = new Map();

  const composer = createComposer(find("form", panel), {
    place: () => ({ channel: options.channel(), ...(root !== undefined && { thread: root }) }),
    sentBefore: options.sentBefore,
    maxChars: options.maxChars,
    send: (text) => {
      if (root === undefined) return;
      follow.jump();
      options.say({ text, channel: options.channel(), thread: root });
    },
  });

  /**
   * @param {string} id
   * @param {"write" | "read"} to
   */
  function open(id, to) {
    if (root !== id) {
      keepDraft();
      opener = document.activeElement;
      root = id;
      list.clear();
      for (const row of holder.querySelectorAll("li")) row.remove();
      composer.put(drafts.get(id) ?? "");
      list.put(options.messages(id));
      earlier.begin(undefined);
      // The channel has the newest replies only.
      if (!options.isWhole(id)) void earlier.load();
      options.showUnsent(id);
      panel.hidden = false;
      document.body.classList.add("with-thread");
      cover();
      showWorking();
      follow.jump();
    }
    // On a phone the keyboard would cover what was opened.
    if (to === "write" && !matchMedia("(pointer: coarse)").matches) composer.focus();
    else find("#thread-name").focus();
  }

  function close() {
    if (root === undefined) return;
    keepDraft();
    const id = root;
    root = undefined;
    panel.hidden = true;
    document.body.classList.remove("with-thread");
    cover();
    const back = document.querySelector(`#messages [data-id="${CSS.escape(id)}"] .replies`);
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    else if (back instanceof HTMLElement) back.focus({ preventScroll: true });
  }

  function keepDraft() {
    if (root === undefined) return;
    if (composer.text() === "") drafts.delete(root);
    else drafts.set(root, composer.text());
  }

  /** What lies under the sheet of a phone is out of reach. */
  function cover() {
    find("#main").inert = root !== undefined && narrow.matches;
  }

  function showWorking() {
    find(".busy", panel).hidden = root === undefined || !options.isWorking(root);
  }

  narrow.addEventListener("change", cover);
  find("#thread-close").addEventListener("click", close);
  panel.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  });

  return {
    open,
    close,
    root: () => root,
    showWorking,
    /** @param {Message} message */
    put(message) {
      if (root === undefined || (message.id !== root && message.thread !== root)) return;
      list.put([message]);
      if (follow.isFollowing()) follow.jump();
    },
    /** @param {HTMLElement} row */
    putUnsent(row) {
      holder.append(row);
      follow.jump();
    },
  };
}
