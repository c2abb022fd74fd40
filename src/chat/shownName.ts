/** White space, and characters that show nothing: zero-width ones and those that change the direction of text. */
const SHOWS_NOTHING = /^[\s\p{Cf}\p{Cc}\u115f\u1160\u2800\u3164\uffa0]*$/u;

/** A name out of log lines as it stands in a sentence or a list: one that shows nothing stands in quotes. */
export function shownName(name: string): string {
  return SHOWS_NOTHING.test(name) ? `"${name}"` : name;
}

/** Who did something, as a sentence begins: the web console calls whoever sits there "you". */
export function atStart(person: string): string {
  return person === "you" ? "You" : person;
}
