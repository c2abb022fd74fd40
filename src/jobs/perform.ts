import { DelayedError, type Job } from "bullmq";
import { isDatabaseDown, isDiskFull } from "../databaseTrouble.ts";
import type { Log } from "../log.ts";
import { CalledOff, type Handler, type Handlers, type Task } from "./queue.ts";

/** How often a task may fail by itself. */
const ATTEMPTS = 3;
/**
 * How often its process may end in the middle of it. Nobody can tell a process that was killed from one that its
 * task killed, so it is more than a bad night has, and few enough that such a task ends.
 */
const DEATHS = 5;
/** How often it may be interrupted by what is not its fault: more than any night has. */
const INTERRUPTIONS = 10;
/** How often telling of the failure may fail itself, with growing pauses: about an hour in all. */
const TELLINGS = 10;
/** The queue's own limit: we stop before it. */
export const MAX_ATTEMPTS = ATTEMPTS + TELLINGS;

/** How long a database that is away is left alone before it is tried again. */
const LOOK_AGAIN_MS = 500;

/** A task in its row. Starts that ended in neither success nor failure are counted apart from deaths. */
export type KeptTask = Task & { interruptions?: number };

export interface PerformParts {
  handlers: Handlers;
  log: Log;
  /** The pause after an interruption. */
  pauseMs: number;
  /** Nothing is waited for any longer. */
  isClosing: () => boolean;
}

/**
 * Runs a task, or tells that it is given up. Throws where it is to be run again.
 * BullMQ counts starts and failures; what is missing between the two are interruptions and deaths.
 */
export async function perform(
  job: Job<KeptTask>,
  token: string | undefined,
  { handlers, log, pauseMs, isClosing }: PerformParts,
): Promise<void> {
  const { interruptions = 0, ...task } = job.data;
  const about = { task: task.name, id: task.id };
  const handler: Handler<Task> | undefined = handlers[task.name];
  // Kept by a newer version that is being rolled out: it will be here soon.
  if (handler === undefined) throw new Error(`no handler for ${task.name}`);
  try {
    let why = endBefore(job, interruptions);
    if (why === undefined) {
      why = await failureOf(() => handler.run(task));
      if (why === undefined) return;
      if (isInterruption(why, interruptions)) throw why;
      const attempt = job.attemptsMade + 1;
      if (attempt < ATTEMPTS) {
        log.warn({ err: why, ...about, attempt }, "a task failed and will be tried again");
        throw why;
      }
    }
    log.error({ err: why, ...about }, "a task is given up");
    // Before the row goes: should the process die or this throw, the row is still there and says it again.
    await handler.failed(task, why);
  } catch (error) {
    if (!isInterruption(error, interruptions)) throw error;
    log.warn(
      { err: error, ...about },
      "a task was interrupted by no fault of its own, and will be run again",
    );
    await onceDatabaseIsBack(() => interrupt(job), isClosing);
    await onceDatabaseIsBack(() => job.moveToDelayed(Date.now() + pauseMs, token), isClosing);
    throw new DelayedError();
  }
}

/** Why the task is not run any more. */
function endBefore(job: Job<KeptTask>, interruptions: number): Error | undefined {
  const deaths = job.attemptsStarted - 1 - job.attemptsMade - Math.min(interruptions, INTERRUPTIONS);
  if (deaths >= DEATHS) return new Error(`its process ended ${deaths} times in the middle of it`);
  return job.attemptsMade >= ATTEMPTS ? new Error(job.failedReason) : undefined;
}

async function failureOf(run: () => Promise<void>): Promise<Error | undefined> {
  try {
    await run();
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

/** Other services are refused with the same codes as a database: so it is one for so long only. */
function isInterruption(error: unknown, interruptions: number): boolean {
  const isOfOthers = error instanceof CalledOff || isDatabaseDown(error) || isDiskFull(error);
  return isOfOthers && interruptions < INTERRUPTIONS;
}

/** This start is no death: its process lived to say so. */
export async function interrupt(job: Job<KeptTask>): Promise<void> {
  await job.updateData({ ...job.data, interruptions: (job.data.interruptions ?? 0) + 1 });
}

/** What fails for another reason is left: the row is somebody else's by then, or gone. */
async function onceDatabaseIsBack(work: () => Promise<unknown>, isClosing: () => boolean): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(isDatabaseDown(error) || isDiskFull(error)) || isClosing()) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
}
