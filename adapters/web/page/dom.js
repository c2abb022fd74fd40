/**
 * The one element a selector finds. The page's own markup always has it.
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {any}
 */
export function find(selector, within = document) {
  const found = within.querySelector(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

/**
 * Makes an element. Texts are text: nothing here reads HTML.
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * An element from HTML that the server rendered, where everything is escaped.
 * @param {string} html
 * @returns {HTMLElement}
 */
export function fromServer(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return /** @type {HTMLElement} */ (template.content.firstElementChild);
}

/** The phone layout, where panels cover the page. */
export const narrow = matchMedia("(max-width: 760px)");

/** The reader's zone, for the server's charts and for the core. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
