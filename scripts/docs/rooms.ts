import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** The files that stand beside the rooms: those that all use, and those that join the rooms to a program. */
const BASE = "base";
const JOINING = "main";

type Graph = Map<string, Map<string, number>>;

/**
 * Which room imports how much of which, as a dependency structure matrix (https://en.wikipedia.org/wiki/Design_structure_matrix): what is right of the
 * diagonal is imported by what stands above it; what is left of it goes against the order.
 */
export function roomsAsSvg(): string {
  const graph = importsOfRooms();
  const rooms = inOrder(graph);
  const [cell, left, top] = [26, 120, 96];
  const size = rooms.length * cell;
  const text = (x: number, y: number, said: string, more = "") =>
    `<text x="${x}" y="${y}" ${more}>${said}</text>`;
  const cells = rooms.flatMap((from, row) =>
    rooms.map((to, column) => {
      const [x, y] = [left + column * cell, top + row * cell];
      if (row === column) return `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="#c9ced6"/>`;
      const count = graph.get(from)?.get(to) ?? 0;
      if (count === 0) return "";
      const shade = Math.min(1, 0.18 + Math.log10(count) / 2.4).toFixed(2);
      const fill = column > row ? "#2f6fb5" : "#b5502f";
      const ink = Number(shade) > 0.55 ? "#ffffff" : "#1d2630";
      return [
        `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="${fill}" fill-opacity="${shade}"/>`,
        text(x + cell / 2, y + 17, String(count), `text-anchor="middle" fill="${ink}" font-size="10"`),
      ].join("");
    }),
  );
  const lines = Array.from({ length: rooms.length + 1 }, (_, at) => {
    const [x, y] = [left + at * cell, top + at * cell];
    return `<path d="M${left} ${y}h${size}M${x} ${top}v${size}" stroke="#dfe3e8"/>`;
  });
  const names = rooms.flatMap((room, at) => [
    text(left - 8, top + at * cell + 17, room, 'text-anchor="end"'),
    `<g transform="translate(${left + at * cell + 17} ${top - 8}) rotate(-60)">${text(0, 0, room)}</g>`,
  ]);
  const [width, height] = [left + size + 60, top + size + 44];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#1d2630">`,
    "<title>Which room imports how much of which</title>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...cells.filter((each) => each !== ""),
    ...lines,
    ...names,
    text(
      left,
      top + size + 26,
      "A row imports from the columns, so many times. Blue goes down the order, red against it.",
    ),
    "</svg>\n",
  ].join("\n");
}

function importsOfRooms(): Graph {
  const files = new Map<string, string[]>();
  for (const file of globSync(["src/**/*.ts", "adapters/**/*.ts"], { cwd: ROOT }).sort()) {
    const imported = [...readFileSync(`${ROOT}${file}`, "utf8").matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)];
    files.set(
      file,
      imported.map(([, path = ""]) => new URL(path, `file:///${file}`).pathname.slice(1)),
    );
  }
  const joining = joiningOf(files);
  const roomOf = (file: string) => {
    const [top, room = "", deeper] = file.split("/");
    if (top === "adapters") return "adapters";
    if (deeper !== undefined) return room === "main" || room === "cli" ? JOINING : room;
    return joining.has(file) ? JOINING : BASE;
  };
  const graph: Graph = new Map();
  for (const [file, imported] of files) {
    const from = roomOf(file);
    const counts = graph.get(from) ?? new Map<string, number>();
    graph.set(from, counts);
    for (const to of imported.map(roomOf)) if (to !== from) counts.set(to, (counts.get(to) ?? 0) + 1);
  }
  return graph;
}

/** Of the files beside the rooms, those that no room imports. */
function joiningOf(files: ReadonlyMap<string, readonly string[]>): Set<string> {
  const isBeside = (file: string) => /^src\/[^/]+$/.test(file) || /^src\/(main|cli)\//.test(file);
  const used = new Set([...files].flatMap(([file, imported]) => (isBeside(file) ? [] : imported)));
  const joining = [...files.keys()].filter((file) => isBeside(file) && !used.has(file));
  return new Set(joining);
}

/** Each time the room that is imported least by those that are left, for what it imports of them. */
function inOrder(graph: Graph): string[] {
  const left = new Set([...graph.keys()].filter((room) => room !== JOINING && room !== BASE));
  const order = [JOINING];
  while (left.size > 0) {
    const weights = [...left].map((room) => {
      const others = [...left].filter((other) => other !== room);
      const sum = (counts: (other: string) => number) =>
        others.reduce((all, other) => all + counts(other), 0);
      const taken = sum((other) => graph.get(other)?.get(room) ?? 0);
      const takes = sum((other) => graph.get(room)?.get(other) ?? 0);
      return { room, weight: taken / (taken + takes + 1) };
    });
    weights.sort((a, b) => a.weight - b.weight || (a.room < b.room ? -1 : 1));
    const next = weights[0]?.room as string;
    order.push(next);
    left.delete(next);
  }
  return [...order, BASE];
}
