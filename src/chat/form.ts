import type { CommandDefinition, OptionDefinition } from "./command.ts";

/**
 * Asks for the options of a command in fields: a modal on Slack and Discord, a dialog on the web console. Sending
 * it off is a call of that command, checked and answered like one that was typed.
 */
export interface Form {
  /** The command of the catalogue that it calls. */
  command: string;
  /** At most 24 characters. */
  title: string;
  /** What the button says that sends it off; at most 24 characters. */
  submitLabel: string;
  /** The options asked for, in their order: at most five. */
  fields: readonly string[];
  /** What the fields hold at first, as it would be typed. */
  values: Readonly<Record<string, string>>;
}

/** Slack's limit of a modal's title and buttons: https://docs.slack.dev/reference/views/modal-views */
const FORM_TITLE_CHARS = 24;
/** Discord's limit of a modal: https://discord.com/developers/docs/interactions/receiving-and-responding */
const FORM_FIELDS = 5;

/** What a command's form is, where it has one. */
export type FormDefinition = Pick<Form, "title" | "submitLabel" | "fields">;

/** The form of a command. @throws where it has none, or one that would not survive the narrowest platform. */
export function formOf(definition: CommandDefinition, values: Readonly<Record<string, string>>): Form {
  const { form, name } = definition;
  if (form === undefined) throw new Error(`${name} has no form`);
  const { title, submitLabel, fields } = form;
  if (Math.max(title.length, submitLabel.length) > FORM_TITLE_CHARS || fields.length > FORM_FIELDS)
    throw new Error(
      `the form of ${name} is too large: ${FORM_TITLE_CHARS} characters, ${FORM_FIELDS} fields`,
    );
  fieldsOf(definition, form);
  return { command: name, ...form, values };
}

/** The options that a form asks for, in its order. */
export function fieldsOf(definition: CommandDefinition, form: Pick<Form, "fields">): OptionDefinition[] {
  return form.fields.map((field) => {
    const option = definition.options.find(({ name }) => name === field);
    if (option === undefined) throw new Error(`${definition.name} has no option ${field}`);
    return option;
  });
}

/** The fields that somebody is shown, and what travels with the form unseen because the button that opened it filled it in. */
export function shownFieldsOf(
  definition: CommandDefinition,
  form: Pick<Form, "fields" | "values">,
): { shown: OptionDefinition[]; given: Record<string, string> } {
  const given: Record<string, string> = {};
  const shown = fieldsOf(definition, form).filter(({ name, filledIn }) => {
    const value = form.values[name] ?? "";
    if (filledIn !== true || value === "") return true;
    given[name] = value;
    return false;
  });
  return { shown, given };
}

/** The call that sending a form off makes: what was left empty is not given. */
export function formCall(
  command: string,
  values: Readonly<Record<string, string>>,
): { name: string; options: Record<string, string>; whole: true } {
  const given = Object.entries(values).filter(([, value]) => value.trim() !== "");
  return { name: command, options: Object.fromEntries(given), whole: true };
}
