import { z } from "zod";
import type { TenantCache } from "../cache/cache.ts";

const STATUS_TTL_MS = 10 * 60_000;

/** Where a task stands. A hint that saves a look-up: the truth is with the task's subject, in PostgreSQL. */
export type JobStatus = z.infer<typeof jobStatus>;

const jobStatus = z.object({
  state: z.enum(["queued", "running", "done", "failed"]),
  /** A word or two for people: what it is doing now. */
  phase: z.string().optional(),
  updatedAtMs: z.number(),
});

export async function writeJobStatus(cache: TenantCache, jobId: string, status: JobStatus): Promise<void> {
  await cache.set({ kind: "job", jobId }, JSON.stringify(status), STATUS_TTL_MS);
}

/** undefined means no more than that the cache does not know. */
export async function readJobStatus(cache: TenantCache, jobId: string): Promise<JobStatus | undefined> {
  const text = await cache.get({ kind: "job", jobId });
  if (text === undefined) return undefined;
  return jobStatus.safeParse(parsed(text)).data; // of another version: as good as forgotten
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
