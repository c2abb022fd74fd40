/** CSI sequences (colours), OSC (titles, links), and the two-character rest: ECMA-48. */
const ANSI =
  /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001b\n]{0,2048}(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/**
 * Bidirectional marks can make a line read as another; zero-width characters, fillers, variation selectors and tags can hide a
 * word, carry a text nobody sees, or split a secret.
 */
const INVISIBLE =
  /[\u00ad\u061c\u115f\u1160\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|\u034f|[\u17b4\u17b5]|[\u180b-\u180f]|[\ufe00-\ufe0f]|\udb40[\udc00-\udfff]/g;
/** With the u flag a surrogate only matches where it stands alone. */
const LONE_SURROGATE = /[\ud800-\udfff]/gu;

export function withoutAnsi(text: string): string {
  return text.includes("\u001b") ? text.replace(ANSI, "") : text;
}

const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|\udb40[\udc00-\udc7f]/;

/** Whether anything in the text is not seen where it is shown. */
export function hasHidden(text: string): boolean {
  return HIDDEN.test(text);
}

/** The text as it is seen; line ends stay as they are. */
export function withoutHidden(text: string): string {
  return withoutAnsi(text).replace(HIDDEN_ALL, "");
}

const HIDDEN_ALL = new RegExp(HIDDEN.source, "g");

/** The text without what a terminal or a browser would act on rather than show. New lines and tabs stay. */
export function cleaned(text: string): string {
  return withoutAnsi(text)
    .replace(/\r\n?/g, "\n")
    .replace(CONTROL, "")
    .replace(INVISIBLE, "")
    .replace(LONE_SURROGATE, "\ufffd");
}
