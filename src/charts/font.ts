import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The shipped font: what the renderer draws with, and how wide a text will come out. */
export interface Font {
  /** Paths of the font files, for the renderer. */
  files: string[];
  /** Width of a text in the units of `size`. Kerning is left out: it only ever makes a text narrower. */
  width(text: string, size: number, weight: Weight): number;
  /** Whether there is a glyph for this character; one without would be drawn as an empty box. */
  has(codePoint: number): boolean;
}

export type Weight = 500 | 600;

/**
 * Reads the fonts of `assets/fonts`. The layout has to know widths before anything is drawn (labels may not
 * overlap or leave the picture), and the renderer does not tell them, so they are read from the files.
 */
export function loadFont(): Font {
  const files = ["Inter-Medium.otf", "Inter-SemiBold.otf", "DejaVuSans-fallback.ttf"].map(pathOf);
  const [medium, semiBold, fallback] = files.map((file) => readFace(readFileSync(file)));
  if (!medium || !semiBold || !fallback) throw new Error("a chart font is missing");
  const advance = (codePoint: number, weight: Weight) =>
    (weight === 600 ? semiBold : medium).get(codePoint) ?? fallback.get(codePoint) ?? 0.6;
  return {
    files,
    width(text, size, weight) {
      let width = 0;
      for (const character of text) width += advance(character.codePointAt(0) ?? 0, weight);
      return width * size;
    },
    has: (codePoint) => medium.has(codePoint) || fallback.has(codePoint),
  };
}

/** `src/charts` and `dist/src/charts` are at different depths below the folder that holds `assets`. */
function pathOf(name: string): string {
  const places = ["../../", "../../../"].map((up) =>
    fileURLToPath(new URL(`${up}assets/fonts/${name}`, import.meta.url)),
  );
  const found = places.find((path) => existsSync(path));
  if (!found) throw new Error(`assets/fonts/${name} is not where the program was installed`);
  return found;
}

/** Advance widths in ems by code point, from an OpenType file's cmap and hmtx tables. */
function readFace(file: Buffer): Map<number, number> {
  const unitsPerEm = file.readUInt16BE(table(file, "head") + 18);
  const metricCount = file.readUInt16BE(table(file, "hhea") + 34);
  const metrics = table(file, "hmtx");
  const advances = new Map<number, number>();
  for (const [codePoint, glyph] of glyphs(file)) {
    const at = metrics + 4 * Math.min(glyph, metricCount - 1);
    advances.set(codePoint, file.readUInt16BE(at) / unitsPerEm);
  }
  return advances;
}

function table(file: Buffer, tag: string): number {
  for (let at = 12, left = file.readUInt16BE(4); left > 0; left--, at += 16) {
    if (file.toString("latin1", at, at + 4) === tag) return file.readUInt32BE(at + 8);
  }
  throw new Error(`font has no ${tag} table`);
}

function* glyphs(file: Buffer): Generator<[codePoint: number, glyph: number]> {
  const cmap = table(file, "cmap");
  const count = file.readUInt16BE(cmap + 2);
  for (let i = 0; i < count; i++) {
    const at = cmap + file.readUInt32BE(cmap + 4 + 8 * i + 4);
    const format = file.readUInt16BE(at);
    if (format === 4) yield* segments(file, at);
    if (format === 12) yield* groups(file, at);
  }
}

/** cmap format 4: runs of 16-bit characters, mapped by a delta or through an array of glyphs. */
function* segments(file: Buffer, at: number): Generator<[number, number]> {
  const twice = file.readUInt16BE(at + 6);
  for (let i = 0; i < twice; i += 2) {
    const last = file.readUInt16BE(at + 14 + i);
    const first = file.readUInt16BE(at + 16 + twice + i);
    const delta = file.readUInt16BE(at + 16 + 2 * twice + i);
    const rangeAt = at + 16 + 3 * twice + i;
    const range = file.readUInt16BE(rangeAt);
    for (let code = first; code <= last && code !== 0xffff; code++) {
      const listed = range === 0 ? code : file.readUInt16BE(rangeAt + range + 2 * (code - first));
      const glyph = range !== 0 && listed === 0 ? 0 : (listed + delta) & 0xffff;
      if (glyph !== 0) yield [code, glyph];
    }
  }
}

/** cmap format 12: runs of characters of any plane. */
function* groups(file: Buffer, at: number): Generator<[number, number]> {
  const count = file.readUInt32BE(at + 12);
  for (let i = 0; i < count; i++) {
    const group = at + 16 + 12 * i;
    const first = file.readUInt32BE(group);
    const last = file.readUInt32BE(group + 4);
    for (let code = first; code <= last; code++) yield [code, file.readUInt32BE(group + 8) + code - first];
  }
}
