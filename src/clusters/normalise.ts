/** The message with its changing parts as `<*>`, for people. */
export function templateOf(text: string): string {
  return text.replace(/\S*\d\S*/g, "<*>");
}
