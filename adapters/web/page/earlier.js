import { get } from "./api.js";
import { find, zone } from "./dom.js";

/**
 * @typedef {import("./live.js").Page} Page
 */

/**
 * The button over a list that brings what was said before, down to the first message ever.
 * @param {HTMLElement} place the button's own, over the list
 * @param {HTMLElement} scroller
 * @param {() => { channel: string, thread?: string }} list
 * @param {(page: Page) => void} put
 */
export function createEarlier(place, scroller, list, put) {
  const button = find("button", place);
  const words = button.textContent;
  /** @type {string | undefined} */
  let before;
  /** Changes with the list: an answer about another one is not for this one. */
  let asked = {};

  /** @param {string | undefined} oldest what can be asked before; undefined where there is nothing earlier */
  function begin(oldest) {
    asked = {};
    before = oldest;
    place.hidden = oldest === undefined;
    button.textContent = words;
    button.removeAttribute("aria-disabled");
  }

  async function load() {
    if (button.getAttribute("aria-disabled") === "true") return;
    // Not `disabled`: that would take the focus away from whoever works with a keyboard.
    button.setAttribute("aria-disabled", "true");
    const mine = asked;
    try {
      const page = await get("/earlier", { ...list(), before, zone });
      if (mine !== asked) return;
      const fromEnd = scroller.scrollHeight - scroller.scrollTop;
      put(page);
      begin(page.earlier);
      scroller.scrollTop = scroller.scrollHeight - fromEnd;
    } catch (error) {
      if (mine !== asked) return;
      begin(before);
      place.hidden = false;
      button.textContent = `${error instanceof Error ? error.message : "It could not be read."} Try again`;
    }
  }

  button.addEventListener("click", load);
  return { begin, load };
}
