import { find, make, narrow } from "./dom.js";

/**
 * Channels, and all commands at a glance: a click begins one. On a phone it is drawn in from the left.
 * @param {import("./main.js").Setup} setup
 * @param {(text: string) => void} begin
 */
export function createSide(setup, begin) {
  const side = find("#side");
  const menu = find("#menu");
  const shade = find("#shade");

  for (const channel of setup.channels) {
    const link = make(
      "a",
      { href: `#${encodeURIComponent(channel)}`, "data-channel": channel },
      `# ${channel}`,
    );
    link.addEventListener("click", () => show(false));
    find("#channels").append(make("li", {}, link));
  }
  for (const { name, signature, summary } of setup.commands) {
    const button = make("button", { type: "button", title: `${signature}\n${summary}` }, name);
    button.addEventListener("click", () => {
      show(false);
      begin(`${setup.slash} ${name} `);
    });
    find("#commands").append(make("li", {}, button));
  }

  /** @param {boolean} open */
  function show(open) {
    document.body.classList.toggle("with-side", open);
    menu.setAttribute("aria-expanded", String(open));
    shade.hidden = !open;
    fold();
    if (open) side.querySelector("a")?.focus();
  }

  /** Out of sight is out of the keyboard's way as well. */
  function fold() {
    side.inert = narrow.matches && !document.body.classList.contains("with-side");
  }

  menu.addEventListener("click", () => show(!document.body.classList.contains("with-side")));
  shade.addEventListener("click", () => show(false));
  side.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || shade.hidden) return;
    show(false);
    menu.focus();
  });
  narrow.addEventListener("change", fold);
  fold();

  return {
    /** @param {string} channel */
    mark(channel) {
      const name = find("#channel-name");
      name.textContent = channel;
      name.dataset.channel = channel;
      for (const link of side.querySelectorAll("a[data-channel]")) {
        if (link.dataset.channel === channel) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    },
  };
}
