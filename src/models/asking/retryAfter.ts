/** How long an answer asks to wait, in milliseconds; undefined where it does not say, or nothing that can be read. */
export function retryAfterMs(
  header: (name: string) => string | undefined,
  nowMs: number,
): number | undefined {
  // Not in any standard; OpenAI and its SDK have it.
  const ms = numberOf(header("retry-after-ms"));
  if (ms !== undefined) return ms;
  const after = header("retry-after");
  const seconds = numberOf(after);
  if (seconds !== undefined) return Math.ceil(seconds * 1_000);
  // The other form of https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
  const dateMs = after !== undefined && /^[A-Z][a-z]+, /.test(after) ? Date.parse(after) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
