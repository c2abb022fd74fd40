import { createPostgresBackend, type Job, Queue, Worker } from "bullmq";
import { checkedAddress } from "../databaseAddress.ts";
import type { Log } from "../log.ts";
import { onceAMinute } from "../onceAMinute.ts";
import { JOBS_SCHEMA } from "./migrate.ts";
import { interrupt, type KeptTask, MAX_ATTEMPTS, perform } from "./perform.ts";
import type { JobQueue } from "./queue.ts";

export interface JobQueueOptions {
  /** A login that owns the `jobs` schema. Not through a pooler in transaction mode: workers LISTEN. */
  connectionString: string;
  log: Log;
  schema?: string;
  timings?: Partial<Timings>;
}

export interface Timings {
  /** How long a task stays its worker's without a sign of life; it is renewed at half of that. */
  lockMs: number;
  /** How often expired locks are looked for. A task is run again at most lockMs + 2 × stalledMs after a kill. */
  stalledMs: number;
  /** The pause after the first failed attempt; it doubles. */
  backoffMs: number;
  /** How long `close` waits for what is in hand. */
  closeMs: number;
}

/** At most 10 s from a kill -9 to the second run, for 1.4 small queries a second when idle (docs/decisions/jobs.md). */
const TIMINGS: Timings = { lockMs: 5_000, stalledMs: 2_500, backoffMs: 2_000, closeMs: 10_000 };

const QUEUE = "tasks";

/**
 * The queue on BullMQ's PostgreSQL backend.
 * @throws when the database cannot be reached or its `jobs` schema was not created (`migrateJobs`).
 */
export async function createJobQueue(options: JobQueueOptions): Promise<JobQueue> {
  const { log, schema = JOBS_SCHEMA } = options;
  const timings = { ...TIMINGS, ...options.timings };
  const connection = (max: number) => ({
    connectionString: checkedAddress(options.connectionString),
    schema,
    max,
    connectionTimeoutMillis: 5_000,
    application_name: "loghunter-jobs",
    // What it runs by itself: never a migration. (The default; said because it matters.)
    migrate: false,
  });
  // A lost database is reported by each connection at each attempt.
  const troubles = onceAMinute((error) =>
    log.warn({ err: { message: (error as Error).message } }, "trouble in the job queue"),
  );

  // Events are for listeners we do not have: BullMQ would keep 10,000 of them.
  const streams = { events: { maxLen: 100 } };
  const queue = new Queue(QUEUE, { connection: connection(2), streams }, createPostgresBackend);
  queue.on("error", troubles);
  const inHand = new Set<Job<KeptTask>>();
  let worker: Pick<Worker, "pause" | "close"> | undefined;

  // Readiness is found out once and remembered: a queue that began without its database would never work.
  await queue.waitUntilReady().catch(async (cause: unknown) => {
    await queue.close();
    throw cause;
  });

  let closing: Promise<void> | undefined;
  return {
    async add(task) {
      await queue.add(task.name, task, {
        jobId: `${task.name}-${task.id}`,
        attempts: MAX_ATTEMPTS,
        backoff: { type: "exponential", delay: timings.backoffMs },
        // No history: an id that stays would make adding it again do nothing. The truth of a task is with its subject.
        removeOnComplete: true,
        removeOnFail: true,
      });
    },
    async work(handlers, concurrency) {
      if (worker !== undefined) throw new Error("this queue works already");
      const started = new Worker(
        QUEUE,
        async (job: Job<KeptTask>, token) => {
          inHand.add(job);
          const isClosing = () => closing !== undefined;
          await perform(job, token, { handlers, log, pauseMs: timings.backoffMs, isClosing }).finally(() =>
            inHand.delete(job),
          );
        },
        {
          connection: connection(concurrency + 2),
          concurrency,
          lockDuration: timings.lockMs,
          stalledInterval: timings.stalledMs,
          maxStalledCount: 100, // perform() counts the deaths, because BullMQ would tell nobody for sure
          runRetryDelay: 1_000, // while the database is away
        },
        createPostgresBackend,
      );
      worker = started;
      started.on("error", troubles);
      started.on("stalled", (jobId) => log.warn({ jobId }, "a task lost its worker and will be run again"));
      await started.waitUntilReady();
    },
    async standing() {
      const {
        waiting = 0,
        active = 0,
        delayed = 0,
      } = await queue.getJobCounts("waiting", "active", "delayed");
      const [oldest] = waiting === 0 ? [] : await queue.getJobs("waiting", 0, 0, true);
      return {
        ...{ waiting, active, delayed },
        ...(oldest !== undefined && { oldestForMs: Math.max(0, Date.now() - oldest.timestamp) }),
      };
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    if (worker !== undefined) {
      // pause() waits for tasks in hand; close() would as well, but could not be told later not to.
      const finished = await within(timings.closeMs, worker.pause());
      if (!finished) {
        log.warn({}, "closing without waiting any longer for tasks in hand; they will be run again");
        await within(1_000, Promise.all([...inHand].map(interrupt)));
      }
      await within(1_000, worker.close(!finished));
    }
    await within(1_000, queue.close());
  }
}

/** Whether it was done in time. What fails while closing has nothing left to lose. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = Symbol("late");
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<symbol>((resolve) => {
    timer = setTimeout(() => resolve(late), ms);
  });
  const first = await Promise.race([work.catch(() => undefined), timeout]);
  clearTimeout(timer);
  return first !== late;
}
