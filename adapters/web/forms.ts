import {
  type CommandDefinition,
  findCommand,
  isSuggested,
  type OptionDefinition,
} from "../../src/chat/command.ts";
import { type Form, fieldsOf } from "../../src/chat/form.ts";

/** A form as the page gets it. */
export interface SentForm {
  command: string;
  title: string;
  submitLabel: string;
  fields: SentField[];
  /** Where its answer goes. */
  channel: string;
  thread?: string;
}

interface SentField {
  name: string;
  label: string;
  description: string;
  value: string;
  required: boolean;
  /** `choice`: one of `choices`; `choices`: several; `suggested`: a text that is completed; `hidden`: kept, and not shown. */
  kind: "hidden" | "text" | "long text" | "choice" | "choices" | "suggested";
  choices: readonly string[];
  maxChars: number;
}

/** What a field takes where its option does not say. */
const FIELD_CHARS = 500;

export function sendableForm(
  catalogue: readonly CommandDefinition[],
  form: Form,
  at: { channel: string; thread?: string | undefined },
): SentForm {
  const { command, title, submitLabel, values } = form;
  return {
    command,
    title,
    submitLabel,
    channel: at.channel,
    ...(at.thread !== undefined && { thread: at.thread }),
    fields: fieldsOf(findCommand(catalogue, command), form).map((option) => ({
      name: option.name,
      label: option.name.charAt(0).toUpperCase() + option.name.slice(1),
      description: kindOf(option) === "choices" ? withoutTyping(option.description) : option.description,
      value: values[option.name] ?? "",
      required: option.required,
      kind: option.filledIn && values[option.name] ? "hidden" : kindOf(option),
      choices: option.choices ?? [],
      maxChars: option.maxChars ?? FIELD_CHARS,
    })),
  };
}

/** Boxes are ticked: how several are typed is of no use under them. */
function withoutTyping(description: string): string {
  return description.replace(/, with commas between.*$/, "");
}

function kindOf(option: OptionDefinition): SentField["kind"] {
  if (isSuggested(option)) return "suggested";
  if (option.choices !== undefined) return option.list ? "choices" : "choice";
  return (option.maxChars ?? 0) > FIELD_CHARS ? "long text" : "text";
}
