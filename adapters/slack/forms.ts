import type { types } from "@slack/bolt";
import { z } from "zod";
import { type CommandDefinition, isSuggested, type OptionDefinition } from "../../src/chat/command.ts";
import { type Form, shownFieldsOf } from "../../src/chat/form.ts";
import { clip } from "../../src/chat/limits.ts";
import { withStandIns } from "../../src/chat/standIns.ts";
import {
  MAX_HINT_CHARS,
  MAX_INPUT_CHARS,
  MAX_OPTION_CHARS,
  MAX_OPTIONS,
  MAX_PRIVATE_METADATA_CHARS,
} from "./limits.ts";
import { oneLine } from "./markup.ts";
import type { ViewState } from "./payloads.ts";

/** From where a form was opened. It travels in the view: Slack hands it back as it was, and shows it to nobody. */
const formOrigin = z.object({
  channel: z.string(),
  thread: z.string().optional(),
  /** The message of the button that opened it, and whether only its reader sees it. */
  message: z.string().optional(),
  isEphemeral: z.literal(true).optional(),
  /** What its button filled in, by option. */
  given: z.record(z.string(), z.string()).optional(),
});
export type FormOrigin = z.infer<typeof formOrigin>;

/** How the callback ids of forms begin; the command follows. */
export const FORM = "form:";

/** A form as a modal. @throws where it asks for an option that its command does not have. */
export function formView(definition: CommandDefinition, form: Form, origin: FormOrigin): types.ModalView {
  const { shown, given } = shownFieldsOf(definition, form);
  return {
    type: "modal",
    callback_id: `${FORM}${form.command}`,
    private_metadata: encodeOrigin({ ...origin, given }),
    title: plain(form.title),
    submit: plain(form.submitLabel),
    close: plain("Cancel"),
    blocks: shown.map((option) => field(option, form.values[option.name] ?? "")),
  };
}

/** The command of a modal, and where it was opened; undefined for any other view. */
export function readForm(view: {
  callback_id: string;
  private_metadata: string;
}): { command: string; origin: FormOrigin } | undefined {
  if (!view.callback_id.startsWith(FORM)) return undefined;
  try {
    const origin = formOrigin.parse(JSON.parse(view.private_metadata));
    return { command: view.callback_id.slice(FORM.length), origin };
  } catch {
    return undefined;
  }
}

/** What the fields hold, as it would be typed. */
export function valuesOf({ values }: ViewState): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [name, elements] of Object.entries(values)) {
    for (const state of Object.values(elements)) {
      read[name] =
        state.selected_options?.map(({ value }) => value).join(",") ??
        state.selected_option?.value ??
        state.value ??
        "";
    }
  }
  return read;
}

export function encodeOrigin(origin: FormOrigin): string {
  const encoded = JSON.stringify(origin);
  if (encoded.length > MAX_PRIVATE_METADATA_CHARS) throw new Error("a place is longer than a form can keep");
  return encoded;
}

/** One choice as Slack takes it; undefined where it is too long for one. */
export function choice(value: string): types.PlainTextOption | undefined {
  if (value.trim() === "" || value.length > MAX_OPTION_CHARS || withStandIns(value) !== value)
    return undefined;
  return { text: plain(value), value };
}

function field(option: OptionDefinition, value: string): types.InputBlock {
  return {
    type: "input",
    block_id: option.name,
    label: plain(option.name.charAt(0).toUpperCase() + option.name.slice(1)),
    hint: plain(clip(option.description, MAX_HINT_CHARS, (text) => text.length)),
    optional: !option.required,
    element: choices(option, value) ?? completed(option, value) ?? typed(option, value),
  };
}

/** A menu where the values are known. */
function choices(
  option: OptionDefinition,
  value: string,
): types.StaticSelect | types.MultiStaticSelect | undefined {
  const options = (option.choices ?? []).flatMap((one) => choice(one) ?? []);
  if (options.length === 0 || options.length !== option.choices?.length || options.length > MAX_OPTIONS)
    return undefined;
  const given = option.list ? value.split(",").map((one) => one.trim()) : [value];
  const initial = options.filter((one) => given.includes(one.value ?? ""));
  // What is given and not among them must not be lost: it is shown where it can be mended.
  if (value !== "" && initial.length !== given.length) return undefined;
  const placeholder = plain(option.required ? "Choose" : "Any");
  if (option.list) {
    return {
      type: "multi_static_select",
      action_id: option.name,
      placeholder,
      options,
      ...(initial.length > 0 && { initial_options: initial }),
    };
  }
  const [first] = initial;
  return {
    type: "static_select",
    action_id: option.name,
    placeholder,
    options,
    ...(first !== undefined && { initial_option: first }),
  };
}

/** A menu that is asked for while one types. */
function completed(option: OptionDefinition, value: string): types.ExternalSelect | undefined {
  if (!isSuggested(option) || option.list) return undefined;
  const initial = choice(value);
  if (value !== "" && initial === undefined) return undefined;
  return {
    type: "external_select",
    action_id: option.name,
    placeholder: plain("Choose, or type another and choose that"),
    min_query_length: 0,
    ...(initial !== undefined && { initial_option: initial }),
  };
}

/** Values of this length and more are written in several lines. */
const ONE_LINE_CHARS = 500;

function typed({ name, maxChars = ONE_LINE_CHARS }: OptionDefinition, value: string): types.PlainTextInput {
  const given = withStandIns(value);
  // What is longer than the option takes is kept, to be shortened; what no field takes is better missing than cut.
  const initial = given.length > MAX_INPUT_CHARS ? "" : given;
  return {
    type: "plain_text_input",
    action_id: name,
    multiline: maxChars > ONE_LINE_CHARS,
    max_length: Math.min(Math.max(maxChars, initial.length), MAX_INPUT_CHARS),
    ...(initial !== "" && { initial_value: initial }),
  };
}

function plain(text: string): types.PlainTextElement {
  return { type: "plain_text", text: oneLine(text), emoji: false };
}
