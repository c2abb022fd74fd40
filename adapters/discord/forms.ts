import {
  type APIComponentInLabel,
  type APILabelComponent,
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  TextInputStyle,
} from "discord.js";
import type { CommandDefinition, OptionDefinition } from "../../src/chat/command.ts";
import { type Form, shownFieldsOf } from "../../src/chat/form.ts";
import { CUSTOM_ID_CHARS, MODAL } from "./limits.ts";
import { oneLine, plain } from "./markup.ts";
import { ASK_ID } from "./render.ts";

/**
 * A form as a modal: each option in a label of its own. Discord's modals always have "Submit" on their button, so what
 * the form would have there is not shown.
 * @param from the message it was opened from, under which its answer goes; "" where a command opened it
 */
export function modalOf(
  form: Form,
  definition: CommandDefinition,
  from: string,
): APIModalInteractionResponseCallbackData {
  const { shown, given } = shownFieldsOf(definition, form);
  return {
    custom_id: formId(form.command, from, given),
    title: cut(form.title, MODAL.titleChars),
    components: shown.map((option) => labelOf(option, form.values[option.name] ?? "")),
  };
}

function labelOf(option: OptionDefinition, value: string): APILabelComponent {
  const name = option.name.charAt(0).toUpperCase() + option.name.slice(1);
  return {
    type: ComponentType.Label,
    label: cut(name, MODAL.labelChars),
    description: cut(option.description, MODAL.descriptionChars),
    component: isChosen(option) ? select(option, value) : input(option, value),
  };
}

function isChosen({ choices = [] }: OptionDefinition): boolean {
  return choices.length > 0 && choices.length <= MODAL.selectOptions;
}

function select(
  { name, choices = [], list, required }: OptionDefinition,
  value: string,
): APIComponentInLabel {
  const chosen = new Set(list ? value.split(",").map((one) => one.trim()) : [value]);
  return {
    type: ComponentType.StringSelect,
    custom_id: name,
    placeholder: required ? "Choose" : "Any",
    min_values: required ? 1 : 0,
    max_values: list ? choices.length : 1,
    required,
    options: choices.map((choice) => ({
      label: choice,
      value: choice,
      ...(chosen.has(choice) && { default: true }),
    })),
  };
}

function input(
  { name, required, maxChars = USUAL_CHARS }: OptionDefinition,
  value: string,
): APIComponentInLabel {
  const most = Math.min(maxChars, MODAL.inputChars);
  return {
    type: ComponentType.TextInput,
    custom_id: name,
    style: maxChars > USUAL_CHARS ? TextInputStyle.Paragraph : TextInputStyle.Short,
    required,
    max_length: most,
    ...(value !== "" && { value: start(value, most) }),
  };
}

/** As long as the core takes a value that is not said to be longer. */
const USUAL_CHARS = 500;

/** The field for a question about what stands in a message. */
export function askModal(): APIModalInteractionResponseCallbackData {
  return {
    custom_id: ASK_ID,
    title: "Ask about it",
    components: [
      {
        type: ComponentType.Label,
        label: "Your question",
        description: "It is answered in the thread, where everybody sees it.",
        component: {
          type: ComponentType.TextInput,
          custom_id: QUESTION,
          style: TextInputStyle.Paragraph,
          required: true,
          max_length: QUESTION_CHARS,
        },
      },
    ],
  };
}

export const QUESTION = "question";
/** As a message of a person without a subscription: https://discord.com/developers/docs/resources/message */
const QUESTION_CHARS = 2_000;

function formId(command: string, from: string, given: Record<string, string>): string {
  const id = `form:${command}:${from}:${new URLSearchParams(given)}`;
  if (id.length > CUSTOM_ID_CHARS) throw new Error(`the id of the form of ${command} is too long`);
  return id;
}

/** The inverse of a form's id; undefined for anything else, since ids come back from outside. */
export function readFormId(
  id: string,
): { command: string; from: string; given: Record<string, string> } | undefined {
  // Those of before had nothing behind the message. No value has = in it, so that there is one way to read each id.
  const [, command, from, given] =
    /^form:([a-z][a-z0-9 -]*):(\d*)(?::((?:[a-z]+=[^&=]+(?:&[a-z]+=[^&=]+)*)?))?$/.exec(id) ?? [];
  if (command === undefined || from === undefined) return undefined;
  return { command, from, given: Object.fromEntries(new URLSearchParams(given)) };
}

/** What the fields hold, by their names; several values with commas between. */
export function valuesIn(components: readonly unknown[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const label of components) {
    const field = (label as { component?: { custom_id?: unknown; value?: unknown; values?: unknown } })
      .component;
    if (typeof field?.custom_id !== "string") continue;
    if (typeof field.value === "string") values[field.custom_id] = field.value;
    else if (Array.isArray(field.values)) values[field.custom_id] = field.values.join(",");
  }
  return values;
}

function cut(text: string, most: number): string {
  const shown = oneLine(plain(text)).trim() || "…";
  return shown.length <= most ? shown : `${start(shown, most - 1)}…`;
}

/** Without half of a character at its end, which Discord would not take. */
function start(text: string, most: number): string {
  return text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
}
