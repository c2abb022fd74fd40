import type { Inline } from "../chat/card.ts";
import { isDestructive } from "./grounding/destructive.ts";

/** What stands before a text whose advice may lose something for good, wherever on a card it stands. */
export function warningOf(text: string): Inline[] {
  return isDestructive(text) ? [{ strong: "⚠ This cannot be undone. " }] : [];
}

/** An advice as it is shown: its warning, and the command in it as code. */
export function actionText(action: string): Inline[] {
  return [...warningOf(action), ...inlineCode(action)];
}

/** Backticks mark code: in our own texts, and in a model's around the one command that code has let through. */
function inlineCode(text: string): Inline[] {
  return text.split("`").map((part, i) => (i % 2 === 1 ? { code: part } : part));
}
