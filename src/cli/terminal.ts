/** Where the command line writes to. */
export interface Terminal {
  /** What was asked for. */
  print(text: string): void;
  /** What is to be known meanwhile, on stderr. */
  tell(text: string): void;
  /** How far something is: on a terminal only, in one line that the next replaces; "" takes it away. */
  progress(text: string): void;
  paint: Paint;
  width: number;
}

export type Colour = "red" | "yellow" | "green" | "dim" | "bold";
export type Paint = (colour: Colour, text: string) => string;

const CODES: Record<Colour, number> = { red: 31, yellow: 33, green: 32, dim: 2, bold: 1 };
const WIDTH = 80;

export interface TerminalParts {
  out: { write(text: string): unknown; isTTY?: boolean; columns?: number };
  err: { write(text: string): unknown; isTTY?: boolean };
  /** NO_COLOR: https://no-color.org */
  noColor: boolean;
}

export function createTerminal({ out, err, noColor }: TerminalParts): Terminal {
  const coloured = out.isTTY === true && !noColor;
  const progress = (text: string) => {
    if (err.isTTY === true) err.write(`\r\u001B[2K${text}`);
  };
  return {
    print: (text) => void out.write(`${text}\n`),
    tell(text) {
      progress("");
      err.write(`${text}\n`);
    },
    progress,
    paint: (colour, text) => (coloured ? `\u001B[${CODES[colour]}m${text}\u001B[0m` : text),
    width: out.columns ?? WIDTH,
  };
}

/** Rows under each other; the last column takes the room that is left, and is cut to it. */
export function table(cells: readonly (readonly string[])[], width: number): string {
  const rows = cells.map((row) => row.map(plain));
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...rows.map((row) => (row[at] ?? "").length)),
  );
  const before = widths.slice(0, -1).reduce((sum, one) => sum + one + 2, 0);
  const last = Math.max(20, width - before);
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === columns - 1 ? clip(cell, last) : cell.padEnd(widths[at] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** What comes from logs is text, and never moves the cursor. */
export function plain(text: string): string {
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, " ");
}

export function clip(text: string, chars: number): string {
  const one = plain(text);
  return one.length > chars ? `${one.slice(0, chars - 1)}…` : one;
}

/** Words within a width, each line begun with the indent. */
export function wrap(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of plain(text)
    .split(/\s+/)
    .filter((one) => one !== "")) {
    if (line.length > indent.length && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${word}` : word;
  }
  return [...lines, line].join("\n");
}
