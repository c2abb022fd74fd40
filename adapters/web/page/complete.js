import { get } from "./api.js";
import { make, zone } from "./dom.js";

/**
 * @typedef {{ label: string, hint: string, insert: string }} Candidate
 * @typedef {{ from: number, candidates: Candidate[] }} Candidates
 */

/**
 * Suggestions over a text field, as an ARIA combobox: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
 * Tab takes the first, the arrows choose, Enter takes what was chosen, Esc closes.
 * @param {HTMLTextAreaElement} field
 * @param {HTMLElement} popup
 * @param {() => { channel: string, thread?: string }} place
 */
export function attachCompletion(field, popup, place) {
  /** @type {Candidates} */
  let shown = { from: 0, candidates: [] };
  let chosen = -1;
  /** @type {AbortController | undefined} */
  let asking;
  /** Kept when what is shown answers what was typed last. */
  let answered = Promise.resolve();

  popup.id = `${field.id}-suggestions`;
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", popup.id);
  field.setAttribute("aria-expanded", "false");

  async function ask() {
    asking?.abort();
    const line = field.value.slice(0, field.selectionStart);
    if (!line.startsWith("/") || line.includes("\n")) return close();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const { channel, thread } = place();
      const found = await get("/complete", { channel, thread, line, zone }, signal);
      // It may be over just when its answer was here already.
      if (!signal.aborted) show(found);
    } catch (error) {
      // Suggestions are a comfort: without a connection there are none.
      if (!(error instanceof DOMException)) close();
    }
  }

  /** @param {Candidates} found */
  function show(found) {
    const line = field.value.slice(found.from, field.selectionStart);
    // What is already there in full is nothing to suggest.
    const news = found.candidates.filter(({ insert }) => insert.trim() !== line.trim());
    if (news.length === 0 || document.activeElement !== field) return close();
    // What was chosen while this was on its way stays chosen.
    const before = shown.candidates[chosen];
    shown = { from: found.from, candidates: news };
    popup.replaceChildren(
      ...news.map(({ label, hint }, at) =>
        make(
          "div",
          { role: "option", id: `${popup.id}-${at}`, "aria-selected": "false", "data-at": String(at) },
          make("span", { class: "label" }, label),
          make("span", { class: "hint" }, hint),
        ),
      ),
    );
    popup.hidden = false;
    popup.scrollTop = 0;
    field.setAttribute("aria-expanded", "true");
    choose(news.findIndex(({ label }) => label === before?.label));
  }

  function close() {
    asking?.abort();
    popup.hidden = true;
    shown = { from: 0, candidates: [] };
    field.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  /** @param {number} at */
  function choose(at) {
    popup.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    chosen = at;
    const option = popup.children[at];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  }

  /** @param {number} at */
  function take(at) {
    const candidate = shown.candidates[at];
    if (candidate === undefined) return;
    field.setRangeText(candidate.insert, shown.from, field.selectionStart, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** The first or the chosen one of those for what stands there now, which may still be on their way. */
  function takeOfAnswer() {
    const typed = field.value;
    answered.then(() => {
      if (field.value === typed) take(Math.max(chosen, 0));
    });
  }

  field.addEventListener("input", () => {
    answered = ask();
  });
  field.addEventListener("blur", () => setTimeout(close, 120));
  // Before the click takes the focus away from the field.
  popup.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = /** @type {Element} */ (event.target).closest("[data-at]");
    if (option !== null) take(Number(option.getAttribute("data-at")));
  });

  return {
    close,
    /**
     * @param {KeyboardEvent} event
     * @returns {boolean} whether the key was meant for the suggestions
     */
    key(event) {
      const count = shown.candidates.length;
      // Those on their way are not wanted any more either; else the key may still mean something to others.
      if (event.key === "Escape") close();
      if (count === 0) return false;
      if (event.key === "ArrowDown") choose((chosen + 1) % count);
      else if (event.key === "ArrowUp") choose(chosen <= 0 ? count - 1 : chosen - 1);
      else if (event.key === "Tab" && !event.shiftKey) takeOfAnswer();
      else if (event.key === "Enter" && !event.shiftKey && (chosen >= 0 || isBegun(field.value)))
        takeOfAnswer();
      else if (event.key !== "Escape") return false;
      event.preventDefault();
      return true;
    },
  };
}

/** "/ana" alone says nothing yet: Enter goes on to the command it begins. "/loghunter" alone says all: it shows what there is. */
function isBegun(/** @type {string} */ value) {
  return !/\s/.test(value) && value.toLowerCase() !== "/loghunter";
}
