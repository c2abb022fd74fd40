import { act, Unreachable } from "./api.js";
import { make, zone } from "./dom.js";

/**
 * @typedef {{ id: string, text: string, channel: string, thread?: string }} Said
 *
 * @typedef {object} Sending
 * @property {Said} said
 * @property {boolean} present the server has it, and shows it
 * @property {boolean} done it was answered
 * @property {boolean} working it has been worked on for longer than a moment
 * @property {boolean} waiting for the line to come back
 * @property {string} [trouble] why it went wrong
 * @property {HTMLElement} [row] what this page shows of it by itself
 */

/** Kept for this tab, so that a reload in the middle of a restart loses nothing. */
const SHELF = "loghunter.unsent";

/**
 * What was written and is not yet answered: shown at once, sent until it arrives.
 * @param {{
 *   show: (said: Said, row: HTMLElement) => void,
 *   working: () => void,
 *   form: (form: import("./form.js").Form) => void,
 * }} on
 */
export function createOutbox(on) {
  /** @type {Map<string, Sending>} */
  const sending = new Map();

  /**
   * @param {Said} said
   * @param {boolean} present
   */
  function add(said, present) {
    const entry = { said, present, done: false, working: false, waiting: false };
    sending.set(said.id, entry);
    keep();
    void send(entry);
  }

  function keep() {
    const open = [...sending.values()].filter(({ done }) => !done);
    sessionStorage.setItem(SHELF, JSON.stringify(open.map(({ said }) => said)));
  }

  /** @param {Sending} entry */
  async function send(entry) {
    entry.waiting = false;
    delete entry.trouble;
    draw(entry);
    // What is answered at once needs no word about work.
    const soon = setTimeout(() => {
      entry.working = true;
      on.working();
    }, 350);
    try {
      const { form } = await act("/say", { ...entry.said, zone });
      entry.done = true;
      if (form !== undefined) {
        // Nothing was said yet, so there is nothing to show of it.
        sending.delete(entry.said.id);
        on.form(form);
      }
    } catch (error) {
      entry.waiting = error instanceof Unreachable;
      entry.trouble = error instanceof Error ? error.message : "It could not be sent.";
    } finally {
      clearTimeout(soon);
      entry.working = false;
      on.working();
      draw(entry);
      forgetDone();
    }
  }

  /** Shows what the server does not show. @param {Sending} entry */
  function draw(entry) {
    const before = entry.row;
    delete entry.row;
    // While the line is down the page says so, and what the server has is asked for again by itself.
    const silent = entry.present && (entry.trouble === undefined || entry.waiting);
    if (silent || !sending.has(entry.said.id)) {
      before?.remove();
      return;
    }
    const row = rowOf(entry, () => send(entry), drop);
    entry.row = row;
    if (before?.isConnected) before.replaceWith(row);
    else on.show(entry.said, row);

    function drop() {
      sending.delete(entry.said.id);
      keep();
      draw(entry);
    }
  }

  /** What is answered goes once the server shows it: not before, or it would vanish for a moment. */
  function forgetDone() {
    for (const [id, { done, present }] of sending) if (done && present) sending.delete(id);
    keep();
  }

  return {
    /** @param {Omit<Said, "id">} said */
    say(said) {
      add({ id: newId(), ...said }, false);
    },
    /** The server shows what this act or answer made. @param {string} once */
    arrived(once) {
      const entry = sending.get(once);
      if (entry !== undefined) {
        entry.present = true;
        draw(entry);
        forgetDone();
      }
      const answered = once.startsWith("answer:") ? sending.get(once.slice("answer:".length)) : undefined;
      if (answered === undefined) return;
      answered.working = false;
      on.working();
    },
    /** What the server does not show yet, oldest first. @param {string} channel */
    said: (channel) =>
      [...sending.values()]
        .filter(({ said, present }) => said.channel === channel && !present)
        .map(({ said }) => said.text),
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
      for (const entry of sending.values()) if (entry.waiting) void send(entry);
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

/**
 * @param {Sending} entry
 * @param {() => void} retry
 * @param {() => void} drop
 */
function rowOf({ said, present, trouble }, retry, drop) {
  const content = make("div", { class: "content" });
  if (!present) {
    const state = trouble === undefined ? [make("span", { class: "sending" }, "sending")] : [];
    content.append(
      make("header", { class: "byline" }, make("span", { class: "who" }, "You"), ...state),
      make("p", { class: "said" }, said.text),
    );
  }
  if (trouble !== undefined) {
    const again = make("button", { type: "button", class: "link-button" }, "Retry");
    again.addEventListener("click", retry);
    const away = make("button", { type: "button", class: "link-button" }, "Discard");
    away.addEventListener("click", drop);
    const what = present ? "No answer." : "Not sent.";
    content.append(make("p", { class: "trouble", role: "alert" }, `${what} ${trouble} `, again, " ", away));
  }
  const avatar = make("span", { class: present ? "" : "avatar", "aria-hidden": "true" }, present ? "" : "Y");
  return make("li", { class: "unsent" }, make("article", { class: "message person" }, avatar, content));
}

/** `crypto.randomUUID` exists only where the page came over https or from this machine. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
