/** Joins physical lines to entries. First version: an indented line continues the entry before it. */
export function createLineJoiner({ maxLines = 500, maxChars = 256_000 } = {}) {
  let held: string[] = [];
  let chars = 0;
  const take = (): string | undefined => {
    if (held.length === 0) return undefined;
    const entry = held.join("\n");
    held = [];
    chars = 0;
    return entry;
  };
  return {
    /** @returns the entry that this line shows to be complete. */
    push(line: string): string | undefined {
      const continues = held.length > 0 && held.length < maxLines && chars < maxChars && /^[ \t]/.test(line);
      const done = continues ? undefined : take();
      held.push(line);
      chars += line.length + 1;
      return done;
    },
    flush: take,
  };
}
