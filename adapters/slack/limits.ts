import type { Limits } from "../../src/chat/limits.ts";
import { escapeText } from "./markup.ts";

/** How much of a card Slack takes. Where no page is named the number is ours, so that a message stays readable. */
export const LIMITS: Limits = {
  /** Of a header's text: https://docs.slack.dev/reference/block-kit/blocks/header-block */
  titleChars: 150,
  /** Of a text object: https://docs.slack.dev/reference/block-kit/composition-objects/text-object; that of rich text is nowhere told. */
  textChars: 3_000,
  logChars: 6_000,
  /** Of 50 a message (https://docs.slack.dev/reference/block-kit/blocks), with room for what stands around the body. */
  blocks: 40,
  facts: 30,
  items: 25,
  /** Of 100 a table: https://docs.slack.dev/reference/block-kit/blocks/table-block */
  tableRows: 50,
  progressSteps: 20,
  links: 10,
  /** Of 25 an actions block: https://docs.slack.dev/reference/block-kit/blocks/actions-block */
  buttons: 8,
  /** https://docs.slack.dev/reference/block-kit/block-elements/button-element */
  buttonLabelChars: 75,
  /** Of 2,000: https://docs.slack.dev/reference/block-kit/blocks/image-block */
  altChars: 1_000,
  /**
   * All blocks of a message together: msg_blocks_too_long was seen at about 13,200 characters, and what counts is
   * not documented (https://github.com/slackapi/bolt-js/issues/2509).
   */
  totalChars: 10_000,
  // A line end within a line of a log is followed by an indent of four.
  cost: (text) => escapedChars(text) + 4 * (text.match(/\n/g)?.length ?? 0),
};

/** Of a text that stands in a message as it is, once Slack's mark-up is escaped in it. */
export function escapedChars(text: string): number {
  return escapeText(text).length;
}

/** `chat.update` refuses more, `chat.postMessage` cuts at 40,000: https://docs.slack.dev/reference/methods/chat.update */
export const MAX_FALLBACK_CHARS = 4_000;
/**
 * A notification shows its first words; screen readers read all of it in the place of the blocks, so that it goes on to the evidence:
 * https://docs.slack.dev/reference/methods/chat.postMessage#accessibility
 */
export const FALLBACK_CHARS = 2_000;

/** Cells of a table block: https://docs.slack.dev/reference/block-kit/blocks/table-block */
export const MAX_TABLE_COLUMNS = 20;
/** Of all cells of a table together, of 10,000 on the page of the data table block. */
export const MAX_TABLE_CHARS = 8_000;

/** Of an address in a link or button: https://docs.slack.dev/reference/block-kit/block-elements/button-element */
export const MAX_URL_CHARS = 3_000;

/** https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
export const MAX_OPTION_CHARS = 75;
/** https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element */
export const MAX_OPTIONS = 100;
/** Of a plain text input: https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element */
export const MAX_INPUT_CHARS = 3_000;
/** https://docs.slack.dev/reference/views */
export const MAX_PRIVATE_METADATA_CHARS = 3_000;
/** Of a hint under a field: https://docs.slack.dev/reference/block-kit/blocks/input-block */
export const MAX_HINT_CHARS = 2_000;

/** A response_url may be used that often, and for that long: https://docs.slack.dev/interactivity/handling-user-interaction */
export const RESPONSE_URL_USES = 5;
export const RESPONSE_URL_MS = 30 * 60_000;
/** There are other ways to the person: ours. */
export const RESPONSE_URL_TIMEOUT_MS = 3_000;

/** A trigger_id is void after 3 s: https://docs.slack.dev/interactivity/handling-user-interaction */
export const OPEN_FORM_WITHIN_MS = 2_500;
/** A form that was sent off stays open for what is said of it within 3 s: https://docs.slack.dev/surfaces/modals#response_actions */
export const MISTAKE_WITHIN_MS = 2_000;
/** Options that come later than 3 s are not shown; the call itself takes a while too. */
export const SUGGEST_WITHIN_MS = 2_000;
/** Of a signed request: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const MAX_CLOCK_SKEW_MS = 5 * 60_000;
/** More than any payload has: the text of a message ends at 40,000 characters, and blocks repeat it. */
export const MAX_REQUEST_BYTES = 1024 * 1024;
