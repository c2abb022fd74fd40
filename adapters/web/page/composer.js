import { attachCompletion } from "./complete.js";
import { find } from "./dom.js";

/**
 * The field one writes in, for the channel and for a thread.
 * @param {HTMLFormElement} form
 * @param {{
 *   place: () => { channel: string, thread?: string },
 *   send: (text: string) => void,
 *   sentBefore: () => string[],
 *   maxChars: number,
 * }} options
 */
export function createComposer(form, { place, send, sentBefore, maxChars }) {
  /** @type {HTMLTextAreaElement} */
  const field = find("textarea", form);
  const completion = attachCompletion(field, find(".popup", form), place);
  /** How far back in what was sent before; 0 is the text being written. */
  let back = 0;
  let draft = "";
  field.maxLength = maxChars;

  function submit() {
    const text = field.value.trim();
    if (text === "") return;
    completion.close();
    write("");
    back = 0;
    send(text);
  }

  /** @param {string} text */
  function write(text) {
    field.value = text;
    fitHeight();
  }

  // Chromium and Safari size the field by themselves (`field-sizing`); this is for the others.
  function fitHeight() {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  /** @param {number} step */
  function recall(step) {
    const sent = sentBefore();
    const next = Math.min(Math.max(back + step, 0), sent.length);
    if (next === back) return;
    if (back === 0) draft = field.value;
    back = next;
    write(back === 0 ? draft : (sent.at(-back) ?? ""));
    field.setSelectionRange(field.value.length, field.value.length);
  }

  field.addEventListener("input", () => {
    back = 0;
    fitHeight();
  });
  field.addEventListener("keydown", (event) => {
    // While an input method composes a character, Enter ends that.
    if (event.isComposing || completion.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && (field.value === "" || back > 0)) {
      event.preventDefault();
      recall(1);
    } else if (event.key === "ArrowDown" && back > 0) {
      event.preventDefault();
      recall(-1);
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
    field.focus();
  });

  return {
    focus: () => field.focus(),
    /** Writes the beginning of a command for the person to go on with. @param {string} text */
    begin(text) {
      write(text);
      field.focus();
      field.setSelectionRange(text.length, text.length);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
    /** What is being written. */
    text: () => field.value,
    /** Puts a text in the place of what is being written. @param {string} text */
    put(text) {
      back = 0;
      write(text);
    },
  };
}
