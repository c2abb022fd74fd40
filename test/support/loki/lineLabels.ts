export type Labels = ReadonlyMap<string, string>;
export type Category = "stream" | "metadata" | "parsed";

/**
 * The labels of one line on its way through a pipeline, by where they come from. Most pipelines only look at
 * them, so the maps of the stream and the metadata are shared until something is changed.
 */
export class LineLabels {
  error = "";
  errorDetails = "";
  #stream: Labels;
  #metadata: Labels;
  #parsed: Map<string, string> | undefined;
  #changed = false;

  constructor(stream: Labels, metadata: Labels) {
    this.#stream = stream;
    this.#metadata = metadata;
  }

  /** False while only labels of the stream and metadata are here, as they came. */
  get changed(): boolean {
    return this.#changed || this.error !== "" || this.errorDetails !== "";
  }

  get(name: string): string | undefined {
    if (name === "__error__") return this.error;
    if (name === "__error_details__") return this.errorDetails;
    return this.#parsed?.get(name) ?? this.#metadata.get(name) ?? this.#stream.get(name);
  }

  categoryOf(name: string): Category | undefined {
    if (this.#parsed?.has(name)) return "parsed";
    if (this.#metadata.has(name)) return "metadata";
    return this.#stream.has(name) ? "stream" : undefined;
  }

  /** Whether a parser before has made this one: the first one stays. */
  hasParsed(name: string): boolean {
    return this.#parsed?.has(name) ?? false;
  }

  /** Whether a field of this name would hide a label of the stream or metadata, and so is renamed. */
  isTaken(name: string): boolean {
    return this.#stream.has(name) || this.#metadata.has(name);
  }

  /** Parsed labels go before metadata, and metadata before labels of the stream. */
  set(category: Category, name: string, value: string): void {
    this.#changed = true;
    if (category === "parsed") {
      if (this.isTaken(name)) {
        this.#forget("metadata", name);
        this.#forget("stream", name);
      }
      this.#parsed ??= new Map();
      this.#parsed.set(name, value);
      return;
    }
    if (this.hasParsed(name)) return;
    if (category === "metadata") {
      this.#forget("stream", name);
      this.#metadata = new Map(this.#metadata).set(name, value);
    } else if (!this.#metadata.has(name)) this.#stream = new Map(this.#stream).set(name, value);
  }

  delete(name: string): void {
    if (name === "__error__") this.error = "";
    else if (name === "__error_details__") this.errorDetails = "";
    this.#forget("stream", name);
    this.#forget("metadata", name);
    this.#parsed?.delete(name);
  }

  #forget(category: "stream" | "metadata", name: string): void {
    const held = category === "stream" ? this.#stream : this.#metadata;
    if (!held.has(name)) return;
    this.#changed = true;
    const left = new Map(held);
    left.delete(name);
    if (category === "stream") this.#stream = left;
    else this.#metadata = left;
  }

  get stream(): Labels {
    return this.#stream;
  }

  get metadata(): Labels {
    return this.#metadata;
  }

  /** With `__error__` and its details, as Loki counts them. */
  get parsed(): Labels {
    if (this.error === "" && this.errorDetails === "") return this.#parsed ?? EMPTY;
    const all = new Map(this.#parsed);
    if (this.error !== "") all.set("__error__", this.error);
    if (this.errorDetails !== "") all.set("__error_details__", this.errorDetails);
    return all;
  }

  merged(): Labels {
    return new Map([...this.#stream, ...this.#metadata, ...this.parsed]);
  }
}

const EMPTY: Labels = new Map();

/** One text for equal sets, whatever their order. */
export function keyOf(labels: Labels): string {
  return JSON.stringify([...labels].sort(byName));
}

/** The object that stands in answers; made by hand, as a name may be `__proto__`. */
export function labelsJson(labels: Labels): string {
  const members = [...labels]
    .sort(byName)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${members.join(",")}}`;
}

/** {a="b", c="d"}: as messages quote a series. */
export function labelsText(labels: Labels): string {
  return `{${[...labels]
    .sort(byName)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ")}}`;
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : Number(a > b);
}
