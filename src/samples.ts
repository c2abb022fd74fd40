import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** A recorded incident that ships with LogHunter (samples/README.md). */
export interface Sample {
  /** Its folder's name. */
  name: string;
  directory: string;
  title: string;
  namespace: string;
  /** The service a person on call would ask about. */
  analyze: string;
  /** The instant of the recording that is shown as the present. */
  recordedNowMs: number;
  /** The instant at which the recording ends. */
  recordedToMs: number;
  deploys: { service: string; version: string; atMs: number }[];
}

const SAMPLES_DIRECTORY = fileURLToPath(
  new URL(import.meta.url.includes("/dist/") ? "../../samples" : "../samples", import.meta.url),
);

const instant = z.iso.datetime({ offset: true }).transform((iso) => Date.parse(iso));
const Incident = z.object({
  title: z.string(),
  namespace: z.string(),
  analyze: z.string(),
  now: instant,
  recordedTo: instant,
  deploys: z.array(z.object({ service: z.string(), version: z.string(), at: instant })),
});

/** The samples, the latest recorded first. */
export async function readSamples(directory = SAMPLES_DIRECTORY): Promise<Sample[]> {
  const folders = await readdir(directory, { withFileTypes: true });
  const samples: Sample[] = [];
  for (const { name } of folders
    .filter((entry) => entry.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const text = await readFile(join(directory, name, "incident.json"), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const { now, recordedTo, deploys, ...incident } = Incident.parse(JSON.parse(text));
    samples.push({
      ...incident,
      name,
      directory: join(directory, name),
      recordedNowMs: now,
      recordedToMs: recordedTo,
      deploys: deploys.map(({ at, ...deploy }) => ({ ...deploy, atMs: at })),
    });
  }
  return samples.sort((a, b) => b.recordedNowMs - a.recordedNowMs);
}

/** How long the recordings go on after the instant that is shown as the present: the longest of them. */
export function runsForMs(samples: readonly Sample[]): number {
  return Math.max(0, ...samples.map(({ recordedToMs, recordedNowMs }) => recordedToMs - recordedNowMs));
}
