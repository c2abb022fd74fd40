import type { Limits } from "../../src/chat/limits.ts";
import { escapeText } from "./markup.ts";

/**
 * Of all text of one message of the second kind of components. Discord's page does not state it; its API refuses more
 * (seen in https://github.com/vercel/chat, `adapter-discord/src/cards.ts`).
 */
export const MESSAGE_TEXT_CHARS = 4_000;

/** Of one message: https://discord.com/developers/docs/resources/message#create-message */
export const MESSAGE_ATTACHMENTS = 10;

/** Of one message's files together: https://discord.com/developers/docs/reference#uploading-files */
export const UPLOAD_BYTES = 10 * 1024 * 1024;

/** Buttons side by side: https://discord.com/developers/docs/components/reference#action-row */
export const ROW_BUTTONS = 5;

/** https://discord.com/developers/docs/components/reference#button */
export const BUTTON_LABEL_CHARS = 80;
/** Of a button that opens an address: the same page. */
export const BUTTON_URL_CHARS = 512;

/** Of a component: https://discord.com/developers/docs/components/reference#anatomy-of-a-component */
export const CUSTOM_ID_CHARS = 100;

/** https://discord.com/developers/docs/resources/message#create-message */
export const NONCE_CHARS = 25;

/** https://discord.com/developers/docs/resources/channel#start-thread-from-message */
export const THREAD_NAME_CHARS = 100;

/** Of one value while it is typed: https://discord.com/developers/docs/interactions/application-commands#autocomplete */
export const CHOICES = 25;
/** Name and value of a choice: ...application-commands#application-command-object-application-command-option-choice-structure */
export const CHOICE_CHARS = 100;

/** https://discord.com/developers/docs/interactions/application-commands#application-command-object */
export const COMMAND = {
  /** Subcommands and groups in a command, subcommands in a group, options in a subcommand. */
  options: 25,
  descriptionChars: 100,
  /** Of all names, descriptions and values of one command together. */
  totalChars: 8_000,
  /** `max_length` of an option that takes text. */
  valueChars: 6_000,
} as const;

/** https://discord.com/developers/docs/interactions/receiving-and-responding#modal and .../components/reference#label */
export const MODAL = {
  titleChars: 45,
  labelChars: 45,
  descriptionChars: 100,
  placeholderChars: 100,
  inputChars: 4_000,
  selectOptions: 25,
} as const;

/** What the first answer to an interaction may take: …/receiving-and-responding#followup-messages */
export const FIRST_ANSWER_MS = 3_000;

/** Of a card. What is not Discord's own number keeps a message readable in one screen or two. */
export const LIMITS: Limits = {
  titleChars: 200,
  textChars: 1_500,
  logChars: 2_400,
  /**
   * With the heading, rows of buttons and a file they stay within the 40 components of a message, those within others
   * counted too: https://discord.com/developers/docs/components/reference
   */
  blocks: 18,
  facts: 25,
  items: 25,
  tableRows: 30,
  progressSteps: 15,
  links: 10,
  buttons: 8,
  buttonLabelChars: BUTTON_LABEL_CHARS,
  /** https://discord.com/developers/docs/components/reference#media-gallery */
  altChars: 1_024,
  /** Leaves room for the marks that are written around the texts. */
  totalChars: 3_600,
  // A line break in a log line is followed by an indent of two, and a tab between cells is shown as " · ".
  cost: (text) => escapeText(text).length + 2 * (text.match(/[\n\t]/g)?.length ?? 0),
};
