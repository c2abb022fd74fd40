import { find, make } from "./dom.js";
import { createEarlier } from "./earlier.js";
import { followLatest } from "./follow.js";
import { createList } from "./list.js";
import { timeOf } from "./times.js";

/**
 * @typedef {import("./live.js").Message} Message
 * @typedef {import("./live.js").Page} Page
 */

/**
 * The channel's own list: messages at the top level, each with the way into its thread.
 * @param {{
 *   openThread: (root: string) => void,
 *   channel: () => string,
 *   loaded: (messages: Message[]) => void,
 * }} options `loaded` is told of all messages that come, before they are shown
 */
export function createChannel({ openThread, channel, loaded }) {
  const holder = find("#messages");
  const pill = find("#pill");
  /** Those of the channel and of its threads that this page has. @type {Map<string, Message>} */
  const known = new Map();
  /** As the server counts them: of a thread this page has the newest replies only. @type {Map<string, Page["threads"][string]>} */
  const threads = new Map();
  /** From here on this page has all messages of the top level, ms. */
  let completeFromMs = Number.NEGATIVE_INFINITY;
  let unseen = 0;

  const list = createList(holder, dress);
  const follow = followLatest(find("#scroll"), () => {
    unseen = 0;
    showPill();
  });
  const earlier = createEarlier(
    find("#main .earlier"),
    find("#scroll"),
    () => ({ channel: channel() }),
    (page) => {
      load(page);
      completeFrom(page);
    },
  );

  /** @param {string} root */
  function replies(root) {
    return [...known.values()].filter((message) => message.thread === root).sort((a, b) => a.atMs - b.atMs);
  }

  /**
   * @param {HTMLElement} element
   * @param {Message} message
   */
  function dress(element, message) {
    element.querySelector(".replies")?.remove();
    const answers = threads.get(message.id);
    // What only you can see is no place for a conversation.
    if (answers === undefined && (message.author !== "bot" || message.onlyYou)) return;
    const words =
      answers === undefined
        ? "Reply in thread"
        : `${answers.replies} ${answers.replies === 1 ? "reply" : "replies"}`;
    const button = make("button", { type: "button", class: "replies" }, make("span", {}, words));
    if (answers !== undefined) {
      button.classList.add("some");
      button.append(make("span", { class: "when" }, `last at ${timeOf(answers.lastAtMs)}`));
    }
    button.addEventListener("click", () => openThread(message.id));
    element.querySelector(".content")?.append(button);
  }

  function showPill() {
    pill.hidden = follow.isFollowing() || list.size() === 0;
    pill.textContent =
      unseen === 0 ? "Jump to latest ↓" : `${unseen} new ${unseen === 1 ? "message" : "messages"} ↓`;
  }

  pill.addEventListener("click", () => follow.jump());

  /**
   * An edit far up, of what this page has not got: it is read as it then is by who pages back so far.
   * @param {Message} message
   */
  function isBeyond({ id, thread, atMs }) {
    if (known.has(id)) return false;
    if (thread === undefined) return atMs < completeFromMs;
    const [oldest] = replies(thread);
    return oldest !== undefined && atMs < oldest.atMs && !hasWhole(thread);
  }

  /** @param {string} root */
  function hasWhole(root) {
    return replies(root).length >= (threads.get(root)?.replies ?? 0);
  }

  /**
   * Shows what this page had not got yet.
   * @param {Pick<Page, "messages" | "threads">} page
   * @param {boolean} [before] it was said before what is here
   */
  function load(page, before = true) {
    loaded(page.messages);
    const news = page.messages.filter(({ id, revision }) => revision > (known.get(id)?.revision ?? -1));
    for (const message of news) known.set(message.id, message);
    for (const [root, size] of Object.entries(page.threads)) {
      // An answer that was under way for longer than another one knows less.
      if (size.replies >= (threads.get(root)?.replies ?? 0)) threads.set(root, size);
    }
    const top = news.filter(({ thread }) => thread === undefined);
    list.put(top, before);
    for (const root of Object.keys(page.threads)) list.refresh(root);
  }

  /** @param {Page} page the newest messages, or the next ones before those that are here */
  function completeFrom({ earlier: oldest }) {
    completeFromMs = known.get(oldest ?? "")?.atMs ?? Number.NEGATIVE_INFINITY;
  }

  return {
    /**
     * @param {Page} page
     * @param {boolean} first
     * @returns {Message[]} those that are shown from now on
     */
    put(page, first) {
      const messages = first ? page.messages : page.messages.filter((message) => !isBeyond(message));
      if (!first && !follow.isFollowing()) {
        unseen += messages.filter(({ id, thread }) => !known.has(id) && thread === undefined).length;
      }
      load({ ...page, messages }, false);
      if (first) {
        earlier.begin(page.earlier);
        completeFrom(page);
      }
      if (follow.isFollowing()) follow.jump();
      showPill();
      return messages;
    },
    load,
    hasWhole,
    /** @param {HTMLElement} row */
    putUnsent(row) {
      holder.append(row);
      follow.jump();
    },
    clear() {
      known.clear();
      threads.clear();
      list.clear();
      earlier.begin(undefined);
      completeFromMs = Number.NEGATIVE_INFINITY;
      for (const row of holder.querySelectorAll("li")) row.remove();
      unseen = 0;
      follow.jump();
    },
    isEmpty: () => known.size === 0 && holder.children.length === 0,
    has: (/** @type {string} */ id) => known.has(id),
    /** A root and its replies. @param {string} root */
    thread: (root) => [
      ...(known.has(root) ? [/** @type {Message} */ (known.get(root))] : []),
      ...replies(root),
    ],
    /** What you wrote here, oldest first. */
    said() {
      const yours = [...known.values()].filter((message) => message.author === "person");
      const texts = yours.sort((a, b) => a.atMs - b.atMs).map((message) => saidIn(message.html));
      return texts.filter((text) => text !== "");
    },
  };
}

/** @param {string} html */
function saidIn(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector(".said")?.textContent ?? "";
}
