import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { type Dump, listDumps } from "./folder.ts";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** A backup that failed is tried again after this. */
const AGAIN_AFTER_MS = 10 * 60_000;
/** The clock is looked at rather than waited for: it can be set, and a machine can sleep. */
const LOOK_EVERY_MS = 20_000;
/** A day, and two hours for the backup itself and for one that had to be tried again. */
const HEALTHY_FOR_MS = 26 * HOUR_MS;
const DRILL_EVERY_MS = 30 * DAY_MS;
/** What lies further ahead was noted by a clock that was wrong. */
const AHEAD_MS = HOUR_MS;

const Status = z.object({
  /** What the last try came to. */
  triedAt: z.iso.datetime().optional(),
  failure: z.string().optional(),
  drilledAt: z.iso.datetime().optional(),
  drillFailure: z.string().optional(),
});
/** What the daily backup keeps in its folder about itself. */
export type Status = z.infer<typeof Status>;

export interface DailyParts {
  folder: string;
  /** Minutes after midnight, UTC. */
  atMinute: number;
  backUp(): Promise<void>;
  /** Tries the newest dump out; once a month, where it is given. */
  drill?: ((file: string) => Promise<void>) | undefined;
  /** Tells of a failure, in words. */
  explain(error: unknown): Promise<string>;
  now(): number;
  signal: AbortSignal;
}

/** Backs up every day until its signal ends it; at once where the last time went by without. */
export async function backUpDaily(parts: DailyParts): Promise<void> {
  const { folder, now, signal } = parts;
  let failedAtMs: number | undefined;
  let drillFailedAtMs: number | undefined;
  while (!signal.aborted) {
    const newest = await newestDump(folder, now());
    const mayTry = failedAtMs === undefined || now() - failedAtMs >= AGAIN_AFTER_MS;
    if ((newest?.madeAtMs ?? 0) < lastTime(now(), parts.atMinute) && mayTry) {
      const failure = await tried(parts.backUp, parts);
      failedAtMs = failure === undefined ? undefined : now();
      await note(folder, { triedAt: iso(now()), failure });
      continue;
    }
    const { drilledAt } = await readStatus(folder);
    const mayDrill = drillFailedAtMs === undefined || now() - drillFailedAtMs >= DAY_MS;
    const drilledAgoMs = now() - Date.parse(drilledAt ?? iso(0));
    const isDue = drilledAgoMs >= DRILL_EVERY_MS || drilledAgoMs < -AHEAD_MS;
    if (parts.drill !== undefined && newest !== undefined && isDue && mayDrill) {
      const drilling = parts.drill;
      const failure = await tried(() => drilling(newest.file), parts);
      drillFailedAtMs = failure === undefined ? undefined : now();
      await noteDrill(folder, now(), failure);
      continue;
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function tried(
  work: () => Promise<void>,
  { explain, signal }: DailyParts,
): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return signal.aborted ? "It was ended." : explain(error);
  }
}

/** Of a time to come is none: as long as that lies ahead, no other would be made. */
async function newestDump(folder: string, nowMs: number): Promise<Dump | undefined> {
  return (await listDumps(folder)).find(({ madeAtMs }) => madeAtMs <= nowMs + AHEAD_MS);
}

/** The last time that a backup was to be made, by the clock in UTC. */
function lastTime(nowMs: number, atMinute: number): number {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS + atMinute * 60_000;
  return today <= nowMs ? today : today - DAY_MS;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export interface Health {
  healthy: boolean;
  /** The newest dump; undefined where there is none. */
  newest?: { file: string; madeAt: string; ageHours: number };
  status: Status;
}

/** How old the newest dump is, and what became of the last tries. */
export async function healthOf(folder: string, nowMs: number): Promise<Health> {
  const status = await readStatus(folder);
  const newest = await newestDump(folder, nowMs);
  if (newest === undefined) return { healthy: false, status };
  const ageMs = nowMs - newest.madeAtMs;
  return {
    healthy: ageMs < HEALTHY_FOR_MS && status.drillFailure === undefined,
    newest: {
      file: newest.file,
      madeAt: iso(newest.madeAtMs),
      ageHours: Math.round((ageMs / HOUR_MS) * 10) / 10,
    },
    status,
  };
}

const STATUS = "status.json";

async function readStatus(folder: string): Promise<Status> {
  const text = await readFile(path.join(folder, STATUS), "utf8").catch(() => "{}");
  try {
    return Status.parse(JSON.parse(text));
  } catch {
    return {}; // A note about the past: without it all is tried again.
  }
}

/** What the newest drill came to; a good one takes back what a bad one left. */
export async function noteDrill(folder: string, nowMs: number, failure?: string): Promise<void> {
  await note(folder, { drillFailure: failure, ...(failure === undefined && { drilledAt: iso(nowMs) }) });
}

/** A folder that cannot be written fails the backup itself, which is told of; the note is not worth a second word. */
async function note(folder: string, news: Status): Promise<void> {
  const file = path.join(folder, STATUS);
  const status = { ...(await readStatus(folder)), ...news };
  await writeFile(`${file}.new`, `${JSON.stringify(status, null, 2)}\n`, { mode: 0o600 })
    .then(() => rename(`${file}.new`, file))
    .catch(() => undefined);
}
