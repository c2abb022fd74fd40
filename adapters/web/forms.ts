import { type CommandDefinition, findCommand, type OptionDefinition } from "../../src/chat/command.ts";
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
  /** `choice`: one of `choices`; `choices`: several; `suggested`: a text that is completed. */
  kind: "text" | "long text" | "choice" | "choices" | "suggested";
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
      description: option.description,
      value: values[option.name] ?? "",
      required: option.required,
      kind: kindOf(option),
      choices: option.choices ?? [],
      maxChars: option.maxChars ?? FIELD_CHARS,
    })),
  };
}

function kindOf({ kind, choices, list, maxChars = 0 }: OptionDefinition): SentField["kind"] {
  if (choices !== undefined && kind !== "duration") return list ? "choices" : "choice";
  // A duration's choices are the usual ones, and any other may be typed.
  if (choices !== undefined || kind === "service" || kind === "namespace" || kind === "filter")
    return "suggested";
  return maxChars > FIELD_CHARS ? "long text" : "text";
}
