import type { Limits } from "../../src/chat/limits.ts";
import { escapeText } from "./markup.ts";

/** A browser page has no documented limits: these keep a message readable in one screen or two and the page quick. */
export const LIMITS: Limits = {
  titleChars: 300,
  textChars: 6_000,
  logChars: 20_000,
  blocks: 60,
  facts: 30,
  items: 50,
  tableRows: 100,
  progressSteps: 20,
  links: 20,
  buttons: 8,
  buttonLabelChars: 80,
  altChars: 1_000,
  totalChars: 100_000,
  cost: (text) => escapeText(text).length,
};

/** Of what a person may write at once. */
export const MAX_TYPED_CHARS = 8_000;

/** Of one POST: the longest text in UTF-8 with its ids and quotes has ample room. */
export const MAX_BODY_BYTES = 64 * 1024;
