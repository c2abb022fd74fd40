/** What stands in a secret's place. */
export type Mark = (kind: string, value: string) => string;

export const plainMark: Mark = (kind) => `<redacted:${kind}>`;
