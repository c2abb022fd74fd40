import { act, Unreachable } from "./api.js";
import { make, zone } from "./dom.js";

/**
 * @typedef {{ id: string, text: string, channel: string, thread?: string }} Said
 * @typedef {{ said: Said, row: HTMLElement | undefined, working: boolean, waiting: boolean, done: boolean }} Sending
 */

/** Kept for this tab, so that a reload in the middle of a restart loses nothing. */
const SHELF = "loghunter.unsent";

/**
 * What was written and is not yet answered: shown at once, sent until it arrives.
 * @param {{
 *   show: (said: Said, row: HTMLElement) => void,
 *   working: () => void,
 * }} on
 */
export function createOutbox(on) {
  /** @type {Map<string, Sending>} */
  const sending = new Map();

  function keep() {
    sessionStorage.setItem(
      SHELF,
      JSON.stringify([...sending.values()].filter(({ done }) => !done).map(({ said }) => said)),
    );
  }

  /**
   * @param {Said} said
   * @param {boolean} kept whether the server has it already, and only the answer is missing
   */
  function add(said, kept) {
    const row = kept ? undefined : unsentRow(said);
    sending.set(said.id, { said, row, working: false, waiting: false, done: false });
    keep();
    if (row !== undefined) on.show(said, row);
    void send(said.id);
  }

  /** @param {string} id */
  async function send(id) {
    const entry = sending.get(id);
    if (entry === undefined) return;
    entry.waiting = false;
    note(entry);
    // What is answered at once needs no word about work.
    const soon = setTimeout(() => {
      entry.working = true;
      on.working();
    }, 350);
    try {
      await act("/say", { ...entry.said, zone });
      entry.done = true;
      forget(entry);
    } catch (error) {
      entry.waiting = error instanceof Unreachable;
      // The server has the message and was lost over the answer: the page says that it reconnects, and asks again.
      if (entry.waiting && entry.row === undefined) return;
      if (entry.row === undefined) {
        const row = unsentRow(entry.said);
        entry.row = row;
        on.show(entry.said, row);
      }
      note(entry, error instanceof Error ? error.message : "It could not be sent.");
    } finally {
      clearTimeout(soon);
      entry.working = false;
      on.working();
    }
  }

  /** Done, and shown by the server: only then is its own row of no more use. @param {Sending} entry */
  function forget(entry) {
    if (!entry.done || entry.row !== undefined) return;
    sending.delete(entry.said.id);
    keep();
  }

  /**
   * @param {Sending} entry
   * @param {string} [trouble]
   */
  function note(entry, trouble) {
    const { row } = entry;
    if (row === undefined) return;
    row.classList.toggle("failed", trouble !== undefined);
    row.querySelector(".trouble")?.remove();
    if (trouble === undefined) return;
    const again = make("button", { type: "button", class: "link-button" }, "Retry");
    again.addEventListener("click", () => send(entry.said.id));
    const drop = make("button", { type: "button", class: "link-button" }, "Discard");
    drop.addEventListener("click", () => {
      sending.delete(entry.said.id);
      keep();
      row.remove();
    });
    row
      .querySelector(".content")
      ?.append(make("p", { class: "trouble", role: "alert" }, `Not sent. ${trouble} `, again, " ", drop));
  }

  return {
    /** @param {Omit<Said, "id">} said */
    say(said) {
      add({ id: newId(), ...said }, false);
    },
    /** The server has it: its own row stands now. @param {string} once */
    arrived(once) {
      const entry = sending.get(once);
      if (entry !== undefined) {
        entry.row?.remove();
        entry.row = undefined;
        forget(entry);
      }
      const answered = once.startsWith("answer:") ? sending.get(once.slice("answer:".length)) : undefined;
      if (answered === undefined) return;
      answered.working = false;
      on.working();
    },
    /** Whether something is being worked on there. @param {string | undefined} thread */
    isWorking(thread) {
      return [...sending.values()].some(({ said, working }) => working && said.thread === thread);
    },
    /** Shows again what is still unsent there, after the list was built anew. @param {string | undefined} thread */
    showAgain(thread) {
      for (const { said, row } of sending.values()) if (said.thread === thread && row) on.show(said, row);
    },
    /** The line is back: what waited for it goes now. */
    retry() {
      for (const [id, entry] of sending) if (entry.waiting) void send(id);
    },
    /**
     * What a page before this one left behind.
     * @param {string} channel
     * @param {ReadonlySet<string>} present the acts and answers that stand in the channel
     */
    restore(channel, present) {
      /** @type {Said[]} */
      const left = JSON.parse(sessionStorage.getItem(SHELF) ?? "[]");
      for (const said of left) {
        if (said.channel !== channel || sending.has(said.id) || present.has(`answer:${said.id}`)) continue;
        add(said, present.has(said.id));
      }
    },
  };
}

/** @param {Said} said */
function unsentRow(said) {
  return make(
    "li",
    { class: "unsent" },
    make(
      "article",
      { class: "message person" },
      make("span", { class: "avatar", "aria-hidden": "true" }, "Y"),
      make(
        "div",
        { class: "content" },
        make(
          "header",
          { class: "byline" },
          make("span", { class: "who" }, "You"),
          make("span", { class: "sending" }, "sending"),
        ),
        make("p", { class: "said" }, said.text),
      ),
    ),
  );
}

/** `crypto.randomUUID` exists only where the page came over https or from this machine. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = /** @type {number} */ (bytes[6] & 0x0f) | 0x40;
  bytes[8] = /** @type {number} */ (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
