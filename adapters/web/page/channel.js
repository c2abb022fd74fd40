import { get } from "./api.js";
import { find, make, zone } from "./dom.js";
import { followLatest } from "./follow.js";
import { createList } from "./list.js";
import { timeOf } from "./times.js";

/** @typedef {import("./live.js").Message} Message */

/**
 * The channel's own list: messages at the top level, each with the way into its thread.
 * @param {(root: string) => void} openThread
 */
export function createChannel(openThread) {
  const holder = find("#messages");
  const pill = find("#pill");
  /** All messages of the channel, threads included. @type {Map<string, Message>} */
  const known = new Map();
  let unseen = 0;
  let count = 0;

  const list = createList(holder, dress);
  const follow = followLatest(find("#scroll"), () => {
    unseen = 0;
    showPill();
  });

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
    const answers = replies(message.id);
    // What only you can see is no place for a conversation.
    if (answers.length === 0 && (message.author !== "bot" || message.onlyYou)) return;
    const last = answers.at(-1);
    const words =
      last === undefined
        ? "Reply in thread"
        : `${answers.length} ${answers.length === 1 ? "reply" : "replies"}`;
    const button = make("button", { type: "button", class: "replies" }, make("span", {}, words));
    if (last !== undefined) {
      button.classList.add("some");
      button.append(make("span", { class: "when" }, `last at ${timeOf(last.atMs)}`));
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
  find("#earlier").addEventListener("click", showEarlier);

  async function showEarlier() {
    const scroller = find("#scroll");
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    const channel = find("#channel-name").dataset.channel;
    const answer = await get("/earlier", { channel, count: String(count + 200), zone });
    count += 200;
    for (const message of answer.messages) take(message);
    find(".earlier").hidden = !answer.more;
    scroller.scrollTop = scroller.scrollHeight - fromEnd;
  }

  /** @param {Message} message */
  function take(message) {
    const before = known.get(message.id);
    if (before !== undefined && before.revision >= message.revision) return;
    known.set(message.id, message);
    if (message.thread === undefined) list.put(message);
    else list.refresh(message.thread);
  }

  return {
    /**
     * @param {Message[]} messages
     * @param {boolean} first
     */
    put(messages, first) {
      for (const message of messages) {
        if (!first && !known.has(message.id) && message.thread === undefined && !follow.isFollowing())
          unseen += 1;
        take(message);
      }
      if (first) {
        count = messages.length;
        find(".earlier").hidden = messages.length < 200;
      }
      if (follow.isFollowing()) follow.jump();
      showPill();
    },
    /** @param {HTMLElement} row */
    putUnsent(row) {
      holder.append(row);
      follow.jump();
    },
    clear() {
      known.clear();
      list.clear();
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
      return texts.filter((text, at) => text !== "" && text !== texts[at - 1]);
    },
  };
}

/** @param {string} html */
function saidIn(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector(".said")?.textContent ?? "";
}
