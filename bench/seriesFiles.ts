import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** A labelled series as a file holds it; docs/benchmarks.md tells the form. */
export interface SeriesFile {
  name: string;
  kind: "count" | "rate" | "ratio";
  intervalSeconds: number;
  /** UTC, with or without Z, as are all times. */
  start: string;
  values: (number | null)[];
  anomalies: [start: string, end: string][];
  /** In made series: what each anomaly is, and what has to stay quiet. */
  incidents?: { type: string; start: string; end: string }[];
  benign?: { type: string; start: string; end: string }[];
}

/** First and last point of something. */
export interface Stretch {
  from: number;
  to: number;
}

/** The series of a file, or of all files of a folder and the folders in it, by name. */
export function readSeries(path: string): SeriesFile[] {
  if (statSync(path).isDirectory()) {
    return readdirSync(path)
      .sort()
      .filter((name) => name.endsWith(".json") || statSync(join(path, name)).isDirectory())
      .flatMap((name) => readSeries(join(path, name)));
  }
  const held: unknown = JSON.parse(readFileSync(path, "utf8"));
  const all = Array.isArray(held) ? held : ((held as { series?: unknown[] }).series ?? [held]);
  return all.filter((each): each is SeriesFile => Array.isArray((each as SeriesFile).values));
}

export function familyOf(series: SeriesFile): string {
  return series.name.split("/")[0] as string;
}

export function startMs(series: SeriesFile): number {
  return utc(series.start);
}

/** The points that labels speak of, within the series, in order. */
export function stretchesOf(series: SeriesFile, labels: readonly (readonly [string, string])[]): Stretch[] {
  const point = (time: string) => Math.round((utc(time) - startMs(series)) / 1_000 / series.intervalSeconds);
  return labels
    .map(([start, end]) => ({
      from: Math.max(0, point(start)),
      to: Math.min(series.values.length - 1, point(end)),
    }))
    .filter(({ from, to }) => to >= from)
    .sort((a, b) => a.from - b.from);
}

function utc(time: string): number {
  return Date.parse(time.endsWith("Z") ? time : `${time}Z`);
}
