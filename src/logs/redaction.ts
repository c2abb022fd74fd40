/** Replaces secrets and personal data with typed placeholders. First version. */
export function redact(text: string): string {
  return text.replace(/\b(password|token|secret|api_key)=([^\s&]{1,4096})/gi, "$1=<redacted:$1>");
}

/** A redacted text of at most `maxChars` characters, fit to keep and show. */
export function sampleOf(text: string, maxChars = 2_000): string {
  return redact(text).slice(0, maxChars);
}
