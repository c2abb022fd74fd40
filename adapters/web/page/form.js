import { act, get } from "./api.js";
import { make, zone } from "./dom.js";
import { newId } from "./outbox.js";

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {string} description
 * @property {string} value several with commas between
 * @property {boolean} required
 * @property {"hidden" | "text" | "long text" | "choice" | "choices" | "suggested"} kind
 * @property {string[]} choices
 * @property {number} maxChars
 *
 * @typedef {{ command: string, title: string, submitLabel: string, fields: Field[], channel: string, thread?: string }} Form
 */

/** What is typed is completed a moment after the last key. */
const PAUSE_MS = 150;

/**
 * Opens a form over the page; it stays until it is sent off or put away.
 * @param {Form} form
 * @param {(thread: string) => void} openThread where its answer went
 */
export function openForm(form, openThread) {
  const shown = form.fields.filter(({ kind }) => kind !== "hidden");
  const hidden = form.fields.filter(({ kind }) => kind === "hidden");
  const controls = shown.map((field) => ({ field, control: controlOf(field, form) }));
  const trouble = make("p", { class: "trouble", role: "alert" });
  trouble.hidden = true;
  const send = make("button", { type: "submit", class: "primary" }, form.submitLabel);
  const cancel = make("button", { type: "button", class: "plain" }, "Cancel");
  const inner = make(
    "form",
    { autocomplete: "off" },
    make("h2", { id: "form-title" }, form.title),
    ...controls.map(({ control }) => control.row),
    trouble,
    make("div", { class: "buttons" }, send, cancel),
  );
  const dialog = make("dialog", { class: "form", "aria-labelledby": "form-title" }, inner);
  const close = () => dialog.close();
  cancel.addEventListener("click", close);
  dialog.addEventListener("close", () => dialog.remove());

  /** What was sent last, and its id: sending the same again after a lost connection is the same act. */
  let sent = { text: "", id: "" };
  inner.addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (send.getAttribute("aria-busy") === "true") return;
    const values = Object.fromEntries([
      ...hidden.map(({ name, value }) => [name, value]),
      ...controls.map(({ field, control }) => [field.name, control.value()]),
    ]);
    const text = JSON.stringify(values);
    if (text !== sent.text) sent = { text, id: newId() };
    trouble.hidden = true;
    send.setAttribute("aria-busy", "true");
    try {
      const { command, channel, thread } = form;
      const answer = await act("/fill", { id: sent.id, command, values, channel, thread, zone });
      if (answer.outcome !== "mistakes") {
        close();
        if (answer.thread !== undefined) openThread(answer.thread);
        return;
      }
      // Put right it is another act.
      sent = { text: "", id: "" };
      showMistakes(answer.mistakes ?? {});
    } catch (error) {
      say(`${error instanceof Error ? error.message : "It could not be sent."} Try again.`);
    } finally {
      send.removeAttribute("aria-busy");
    }
  });

  /** @param {Record<string, string>} mistakes */
  function showMistakes(mistakes) {
    for (const { field, control } of controls) control.mistake(mistakes[field.name] ?? "");
    const [first] = controls.filter(({ field }) => mistakes[field.name] !== undefined);
    if (first === undefined) say(Object.values(mistakes).join(" "));
    else first.control.focus();
  }

  /** @param {string} words */
  function say(words) {
    trouble.textContent = words;
    trouble.hidden = false;
  }

  document.body.append(dialog);
  dialog.showModal();
  controls[0]?.control.focus();
}

/**
 * @param {Field} field
 * @param {Form} form
 */
function controlOf(field, form) {
  const id = `field-${field.name}`;
  const hint = make("p", { class: "hint", id: `${id}-hint` }, field.description);
  const wrong = make("p", { class: "mistake", id: `${id}-wrong`, role: "alert" });
  const about = { "aria-describedby": `${id}-hint ${id}-wrong` };
  const title = field.required ? field.label : `${field.label} (optional)`;
  const { element, value, focused } =
    field.kind === "choices" ? boxes(field, id) : entry(field, id, about, form);
  const isGroup = field.kind === "choices";
  const row = isGroup
    ? make("fieldset", { class: "field", ...about }, make("legend", {}, title), element, hint, wrong)
    : make("div", { class: "field" }, make("label", { for: id }, title), ...[element].flat(), hint, wrong);
  return {
    row,
    value,
    focus: () => focused.focus(),
    /** @param {string} words */
    mistake(words) {
      wrong.textContent = words;
      focused.setAttribute("aria-invalid", String(words !== ""));
    },
  };
}

/**
 * @param {Field} field
 * @param {string} id
 */
function boxes(field, id) {
  const held = field.value.split(",").map((part) => part.trim().toLowerCase());
  const inputs = field.choices.map((choice, at) => {
    const box = make("input", { type: "checkbox", id: `${id}-${at}`, value: choice });
    box.checked = held.includes(choice);
    return box;
  });
  const labels = inputs.map((box) => make("label", { for: box.id, class: "box" }, box, box.value));
  return {
    element: make("div", { class: "boxes" }, ...labels),
    value: () =>
      inputs
        .filter((box) => box.checked)
        .map((box) => box.value)
        .join(","),
    focused: inputs[0] ?? make("span"),
  };
}

/**
 * @param {Field} field
 * @param {string} id
 * @param {Record<string, string>} about
 * @param {Form} form
 */
function entry(field, id, about, form) {
  const shared = { id, name: field.name, ...about, ...(field.required && { required: "" }) };
  const plain = { ...shared, maxlength: String(field.maxChars), autocapitalize: "none", spellcheck: "false" };
  if (field.kind === "choice") {
    const select = make(
      "select",
      shared,
      make("option", { value: "" }, field.required ? "Choose…" : "–"),
      ...field.choices.map((choice) => make("option", { value: choice }, choice)),
    );
    select.value = field.value.toLowerCase();
    return { element: select, value: () => select.value, focused: select };
  }
  const input =
    field.kind === "long text"
      ? make("textarea", { ...plain, rows: "3" })
      : make("input", { type: "text", ...plain });
  input.value = field.value;
  const shown = { element: input, value: () => input.value, focused: input };
  if (field.kind !== "suggested") return shown;
  const list = make("datalist", { id: `${id}-list` });
  input.setAttribute("list", list.id);
  let timer = 0;
  const suggest = async () => {
    const query = {
      channel: form.channel,
      command: form.command,
      option: field.name,
      typed: input.value,
      zone,
    };
    const { values } = await get("/suggest", query).catch(() => ({ values: [] }));
    list.replaceChildren(...values.map((/** @type {string} */ value) => make("option", { value })));
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, PAUSE_MS);
  });
  input.addEventListener("focus", suggest, { once: true });
  return { ...shown, element: [input, list] };
}
