/** Lines can name their own service: longer than this it would not fit the index (2,704 bytes a row). */
const MAX_NAME_CHARS = 300;

/** A service or namespace as it can be kept: PostgreSQL's text knows neither NUL nor half a character. */
export function keptName(name: string): string {
  return name.slice(0, MAX_NAME_CHARS).replaceAll("\0", "\uFFFD").toWellFormed();
}
