import { act } from "./api.js";
import { make, zone } from "./dom.js";
import { openForm } from "./form.js";
import { newId } from "./outbox.js";

/**
 * Buttons of cards, and the copy buttons of log lines, wherever they stand.
 * @param {(thread: string) => void} openThread where an answer went
 */
export function listenToButtons(openThread) {
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const button = target?.closest("button[data-action]");
    if (button instanceof HTMLButtonElement) void press(button, openThread);
    const explain = target?.closest("button[data-explain]");
    if (explain instanceof HTMLButtonElement) void explainLog(explain, openThread);
    const copy = target?.closest("button[data-copy]");
    if (copy instanceof HTMLButtonElement) void copyLines(copy);
  });
}

/**
 * @param {HTMLButtonElement} button
 * @param {(thread: string) => void} openThread
 */
async function press(button, openThread) {
  const message = button.closest("[data-id]")?.getAttribute("data-id");
  const card = button.closest(".card");
  if (!message || card === null || button.getAttribute("aria-disabled") === "true") return;
  card.querySelector(".trouble")?.remove();
  const buttons = [...card.querySelectorAll("button[data-action]")];
  // Not `disabled`: that would take the focus away from whoever works with a keyboard.
  for (const other of buttons) other.setAttribute("aria-disabled", "true");
  button.setAttribute("aria-busy", "true");
  // Pressing again after a lost connection is the same press.
  button.dataset.press ??= newId();
  try {
    const action = button.getAttribute("data-action");
    const { thread, form } = await act("/press", { id: button.dataset.press, message, action, zone });
    delete button.dataset.press;
    if (form !== undefined) openForm(form, openThread);
    if (thread !== undefined) openThread(thread);
  } catch (error) {
    const words = error instanceof Error ? error.message : "It could not be sent.";
    button.parentElement?.after(
      make("p", { class: "trouble", role: "alert" }, `${words} Press again to retry.`),
    );
  } finally {
    button.removeAttribute("aria-busy");
    for (const other of buttons) other.removeAttribute("aria-disabled");
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {(thread: string) => void} openThread
 */
async function explainLog(button, openThread) {
  const message = button.closest("[data-id]")?.getAttribute("data-id");
  if (!message || button.getAttribute("aria-busy") === "true") return;
  const words = button.textContent;
  button.setAttribute("aria-busy", "true");
  button.dataset.press ??= newId();
  try {
    const { thread } = await act("/explain", { id: button.dataset.press, message, zone });
    if (thread !== undefined) openThread(thread);
  } catch (error) {
    button.textContent = error instanceof Error ? error.message : "It could not be sent. Press again.";
    setTimeout(() => {
      button.textContent = words;
    }, 4_000);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** @param {HTMLButtonElement} button */
async function copyLines(button) {
  const lines = [...(button.parentElement?.querySelectorAll(".line") ?? [])];
  const text = lines.map((line) => line.textContent).join("\n");
  const copied = await copyText(text);
  button.textContent = copied ? "Copied" : "Select and copy";
  setTimeout(() => {
    button.textContent = "Copy";
  }, 1_500);
}

/** @param {string} text */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Over plain http from another machine there is no clipboard API.
    const field = make("textarea", { class: "sr", readonly: "" });
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }
}
