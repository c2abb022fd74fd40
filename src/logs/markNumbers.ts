/** A numbered mark, as `createRedaction` makes it; one that a cut went through has no end. */
const NUMBERED = /(<redacted:[\w-]+)#(\d+)(>?)/g;

/** The text with its marks, and without their numbers: those say something within one analysis, and nothing beyond it. */
export function withoutNumbers(text: string): string {
  return text.replace(NUMBERED, "$1$3");
}

/** Numbers anew, from 1 in the order of the texts it is given: of the secrets that were read most are never shown. */
export function createRenumbering(): (text: string) => string {
  const numbers = new Map<string, number>();
  return (text) =>
    text.replace(NUMBERED, (_, mark: string, number: string, end: string) => {
      if (end === "") return mark; // Its number may have lost digits.
      const shown = numbers.get(number) ?? numbers.size + 1;
      numbers.set(number, shown);
      return `${mark}#${shown}>`;
    });
}
