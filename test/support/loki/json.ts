/** Numbers as they are written: 1.0 stays 1.0, which JSON.parse would lose. Arrays are told as such. */
export type JsonValue =
  | { kind: "text" | "plain" | "array" | "null"; text: string }
  | { kind: "object"; members: [string, JsonValue][] };

const NO_OBJECT = "Value looks like object, but can't find closing '}' symbol";

/** Thrown with what had been read of the object, as Loki keeps the fields before the fault. */
export class BrokenJson extends Error {
  readonly members: [string, JsonValue][];

  constructor(members: [string, JsonValue][]) {
    super(NO_OBJECT);
    this.members = members;
  }
}

/** The members of the object that a line is, whatever stands behind it. */
export function readJsonObject(line: string): [string, JsonValue][] {
  const members: [string, JsonValue][] = [];
  try {
    new JsonReader(line).object(members);
  } catch (problem) {
    if (problem instanceof SyntaxError) throw new BrokenJson(members);
    throw problem;
  }
  return members;
}

const STRING = /"(?:[^"\\]|\\.)*"/sy;
const PLAIN = /(?:-?\d[\d.eE+-]*|true|false|null)/y;
const BLANK = /[\s]*/y;

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  object(members: [string, JsonValue][]): void {
    this.#expect("{");
    if (this.#accepts("}")) return;
    do {
      this.#blank();
      const name = this.#string();
      this.#expect(":");
      members.push([name, this.#value()]);
    } while (this.#accepts(","));
    this.#expect("}");
  }

  #value(): JsonValue {
    this.#blank();
    const first = this.#text[this.#at];
    if (first === '"') return { kind: "text", text: this.#string() };
    if (first === "{") {
      const members: [string, JsonValue][] = [];
      this.object(members);
      return { kind: "object", members };
    }
    if (first === "[") {
      const from = this.#at;
      this.#array();
      return { kind: "array", text: this.#text.slice(from, this.#at) };
    }
    const text = this.#match(PLAIN);
    return text === "null" ? { kind: "null", text: "" } : { kind: "plain", text };
  }

  #array(): void {
    this.#expect("[");
    if (this.#accepts("]")) return;
    do this.#value();
    while (this.#accepts(","));
    this.#expect("]");
  }

  #string(): string {
    const quoted = this.#match(STRING);
    if (!quoted.includes("\\")) return quoted.slice(1, -1);
    // Loki is not strict about raw control characters inside; JSON.parse is.
    return String(
      JSON.parse(
        quoted.replace(/[\0-\x1f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`),
      ),
    );
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw new SyntaxError("no JSON");
    this.#at = pattern.lastIndex;
    return found;
  }

  #blank(): void {
    this.#match(BLANK);
  }

  #accepts(sign: string): boolean {
    this.#blank();
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#accepts(sign)) throw new SyntaxError("no JSON");
  }
}
