import { fromServer } from "./dom.js";
import { dayOf, localise } from "./times.js";

/** @typedef {import("./live.js").Message} Message */

/** Messages of one author within so long stand under one name; a card's own time matters sooner. */
const TOGETHER_MS = { person: 5 * 60_000, bot: 60_000 };

/** Lines of which the last are what was asked for. */
const NEWEST_LAST = ".lines.newest-last";

/**
 * Messages in order of time, in the channel or in a thread.
 * @param {HTMLElement} holder an ordered list
 * @param {(element: HTMLElement, message: Message) => void} [dress] adds what the page itself knows
 */
export function createList(holder, dress = () => {}) {
  /** @type {{ message: Message, row: HTMLElement }[]} */
  let entries = [];

  /**
   * @param {Message[]} messages in their order
   * @param {boolean} [before] they were said before those of the same moment that stand here
   */
  function put(messages, before = false) {
    for (const message of before ? [...messages].reverse() : messages) putOne(message, before);
    arrange();
  }

  /**
   * @param {Message} message
   * @param {boolean} before
   */
  function putOne(message, before) {
    const known = entries.find((entry) => entry.message.id === message.id);
    if (known !== undefined) {
      if (known.message.revision >= message.revision) return;
      known.message = message;
      replace(known.row, build(message));
      return;
    }
    const row = document.createElement("li");
    row.append(build(message));
    const isAfter = (/** @type {Message} */ { atMs }) =>
      atMs > message.atMs || (before && atMs === message.atMs);
    let place = entries.length;
    while (place > 0 && isAfter(/** @type {any} */ (entries[place - 1]).message)) place -= 1;
    holder.insertBefore(row, entries[place]?.row ?? holder.querySelector("li.unsent"));
    row.querySelectorAll(NEWEST_LAST).forEach(toNewest);
    entries.splice(place, 0, { message, row });
  }

  /** @param {Message} message */
  function build(message) {
    const element = fromServer(message.html);
    localise(element);
    dress(element, message);
    return element;
  }

  /** Days are parted by a line, and messages that follow each other closely stand together. */
  function arrange() {
    let before = /** @type {Message | undefined} */ (undefined);
    for (const { message, row } of entries) {
      const day = dayOf(message.atMs);
      const newDay = before === undefined || dayOf(before.atMs) !== day;
      const together =
        !newDay &&
        before !== undefined &&
        before.author === message.author &&
        before.onlyYou === message.onlyYou &&
        message.atMs - before.atMs < TOGETHER_MS[message.author];
      if (newDay) row.dataset.day = day;
      else delete row.dataset.day;
      row.classList.toggle("together", together);
      before = message;
    }
  }

  return {
    put,
    /** Dresses a message anew: what the page knows of it has changed. @param {string} id */
    refresh(id) {
      const entry = entries.find(({ message }) => message.id === id);
      const element = entry?.row.querySelector(".message");
      if (entry !== undefined && element instanceof HTMLElement) dress(element, entry.message);
    },
    clear() {
      for (const { row } of entries) row.remove();
      entries = [];
    },
    last: () => entries.at(-1),
    size: () => entries.length,
  };
}

/**
 * Puts a changed message where it stood, and leaves the reader where they were: in a button, in a long line.
 * @param {HTMLElement} row
 * @param {HTMLElement} fresh
 */
function replace(row, fresh) {
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  const action = focused?.getAttribute("data-action");
  const scrolled = [...row.querySelectorAll(".lines, .table")].map((element) => ({
    left: element.scrollLeft,
    top: element.scrollTop,
    isAtEnd: element.scrollTop + element.clientHeight >= element.scrollHeight - 2,
  }));
  row.replaceChildren(fresh);
  fresh.querySelectorAll(".lines, .table").forEach((element, at) => {
    const { left = 0, top = 0, isAtEnd = true } = scrolled[at] ?? {};
    element.scrollLeft = left;
    if (isAtEnd && element.matches(NEWEST_LAST)) toNewest(element);
    else element.scrollTop = top;
  });
  if (focused === null) return;
  const buttons = [...fresh.querySelectorAll("button[data-action]")];
  const same = buttons.find((button) => button.getAttribute("data-action") === action) ?? buttons[0];
  if (same instanceof HTMLElement) return same.focus({ preventScroll: true });
  fresh.tabIndex = -1;
  fresh.focus({ preventScroll: true });
}

/** @param {Element} lines */
function toNewest(lines) {
  lines.scrollTop = lines.scrollHeight;
}
