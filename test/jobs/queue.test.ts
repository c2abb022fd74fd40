import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { createJobQueue, type JobQueueOptions } from "../../src/jobs/bullmq.ts";
import { migrateJobs, pendingJobMigrations } from "../../src/jobs/migrate.ts";
import type { Handler, JobQueue, Task } from "../../src/jobs/queue.ts";
import { createLog } from "../../src/log.ts";
import { until } from "../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const FAST = { lockMs: 1_000, stalledMs: 300, backoffMs: 20, closeMs: 5_000 };
const WORKER = fileURLToPath(new URL("./workerProcess.ts", import.meta.url));

let database: TestDatabase;
let admin: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Pool({ connectionString: database.url, max: 1 });
  admin.on("error", () => undefined); // a test below ends every connection there is
  await Promise.all([migrateJobs(database.url), migrateJobs(database.url)]);
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
  await admin.query("delete from jobs.job"); // a worker killed as it ended a task leaves its row to the next test
});

// The first, because BullMQ keeps a timer of five seconds from it, which would hold up the end of the run.
describe("a database that goes away", () => {
  test("is waited for: no task is lost, the process lives, and the trouble is said in few words", async () => {
    const { queue, lines } = await open();
    const gate = newGate();
    const [inHand, added] = [newTask(), newTask()];
    await queue.add(inHand);
    const runs = await working(queue, () => gate.opened);
    await until(() => runs.length === 1);

    const name = new URL(database.url).pathname.slice(1);
    const elsewhere = new pg.Client({ connectionString: database.url.replace(`/${name}`, "/postgres") });
    await elsewhere.connect();
    closers.push(() => elsewhere.end());
    await elsewhere.query(`alter database ${name} with allow_connections false`);
    await elsewhere.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [
      name,
    ]);
    await expect(queue.add(added)).rejects.toThrow();
    await pause(700);
    await elsewhere.query(`alter database ${name} with allow_connections true`);
    gate.open();

    await queue.add(added);
    await until(() => runs.some((run) => run.id === added.id));
    await until(async () => (await waitingRows()) === 0);
    expect(runs.filter((run) => run.id === inHand.id).length).toBeLessThanOrEqual(2);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(10);
  });
});

describe("what is not a task's own fault costs it no attempt:", () => {
  test("a database that goes away under it again and again", async () => {
    const { queue } = await open();
    const own = new pg.Pool({ connectionString: database.url, max: 1 });
    own.on("error", () => undefined);
    closers.push(() => own.end());
    const failures: string[] = [];
    await queue.add(newTask());
    let outages = 5;
    const runs = await working(
      queue,
      async () => {
        if (outages-- <= 0) throw new Error("no model answers");
        const ends =
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()";
        await own.query(ends);
      },
      1,
      async (_task, error) => void failures.push(error.message),
    );
    await until(async () => failures.length === 1 && (await waitingRows()) === 0);
    expect(runs).toHaveLength(5 + 3);
    expect(failures).toEqual(["no model answers"]);
  });

  test("but one that seems to be away for ever is its own: it is given up", async () => {
    const { queue } = await open();
    const failures: string[] = [];
    await queue.add(newTask());
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const runs = await working(
      queue,
      async () => {
        throw refused;
      },
      1,
      async (_task, error) => void failures.push(error.message),
    );
    await until(async () => failures.length === 1 && (await waitingRows()) === 0);
    expect(runs).toHaveLength(10 + 3);
  });

  test("a process that was stopped in the middle of it", async () => {
    const task = newTask();
    for (let stops = 0; stops < 6; stops++) {
      const { queue } = await open({ lockMs: 300, stalledMs: 100, closeMs: 50 });
      if (stops === 0) await queue.add(task);
      const runs = await working(queue, () => newGate().opened);
      await until(() => runs.length === 1);
      await queue.close();
    }
    const { queue } = await open({ lockMs: 300, stalledMs: 100 });
    const runs = await working(queue);
    await until(async () => (await waitingRows()) === 0);
    expect(runs).toEqual([task]);
  });

  test("a process that is killed with -9, four times", async () => {
    const { queue } = await open();
    const task = newTask();
    await queue.add(task);
    for (let death = 1; death <= 4; death++) {
      const victim = worker(60_000, { lockMs: 300, stalledMs: 150 });
      await until(() => victim.lines.includes(`begins ${task.id}`));
      victim.child.kill("SIGKILL");
    }
    const survivor = worker(10, { lockMs: 300, stalledMs: 150 });
    await until(() => survivor.lines.includes(`ends ${task.id}`));
    await until(async () => (await waitingRows()) === 0);
  });
});

describe("a task", () => {
  test("is run once, with its ids, and leaves no row behind", async () => {
    const { queue } = await open();
    const task = newTask();
    await queue.add(task);
    const runs = await working(queue);
    await until(() => runs.length === 1);
    expect(runs).toEqual([task]);
    await until(async () => (await waitingRows()) === 0);
  });

  test("that was added twice is run once, whether it was waiting or running; after it a new run is possible", async () => {
    const { queue } = await open();
    const gate = newGate();
    const task = newTask();
    await queue.add(task);
    await queue.add(task);
    const runs = await working(queue, () => gate.opened);
    await until(() => runs.length === 1);
    await queue.add(task);
    gate.open();
    await until(async () => (await waitingRows()) === 0);
    expect(runs).toHaveLength(1);
    await queue.add(task);
    await until(() => runs.length === 2);
  });

  test("that is one of many waits for its turn: no more than the given number run at a time", async () => {
    const { queue } = await open();
    let now = 0;
    let most = 0;
    for (let i = 0; i < 12; i++) await queue.add(newTask());
    const runs = await working(
      queue,
      async () => {
        now += 1;
        most = Math.max(most, now);
        await pause(30);
        now -= 1;
      },
      3,
    );
    await until(async () => runs.length === 12 && (await waitingRows()) === 0);
    expect(most).toBe(3);
  });

  test("that fails is tried three times, then given up with its error", async () => {
    const { queue, lines } = await open();
    const failures: string[] = [];
    const task = newTask();
    await queue.add(task);
    const runs = await working(
      queue,
      async () => {
        throw new Error("no model answers");
      },
      1,
      async (_task, error) => void failures.push(error.message),
    );
    await until(async () => failures.length === 1 && (await waitingRows()) === 0);
    expect(runs).toEqual([task, task, task]);
    expect(failures).toEqual(["no model answers"]);
    expect(lines.map((line) => line.msg)).toEqual([
      "a task failed and will be tried again",
      "a task failed and will be tried again",
      "a task is given up",
    ]);
  });

  test("that succeeds at a later attempt is not given up", async () => {
    const { queue, lines } = await open();
    await queue.add(newTask());
    const runs: Task[] = await working(queue, async () => {
      if (runs.length < 3) throw new Error("not yet");
    });
    await until(async () => runs.length === 3 && (await waitingRows()) === 0);
    expect(lines.map((line) => line.level)).toEqual(["warn", "warn"]);
  });

  test("whose giving up fails as well is given up again, and not run again", async () => {
    const { queue } = await open();
    const failures: string[] = [];
    await queue.add(newTask());
    const runs = await working(
      queue,
      async () => {
        throw new Error("no model answers");
      },
      1,
      async (_task, error) => {
        failures.push(error.message);
        if (failures.length < 3) throw new Error("nobody to tell");
      },
    );
    await until(async () => failures.length === 3 && (await waitingRows()) === 0);
    expect(runs).toHaveLength(3);
    expect(failures[0]).toBe("no model answers");
  });
});

describe("a worker that is killed with -9", () => {
  test("in the middle of a task: another process runs it again", async () => {
    const { queue } = await open();
    const task = newTask();
    await queue.add(task);
    const victim = worker(60_000);
    await until(() => victim.lines.includes(`begins ${task.id}`));
    const heir = worker(10);
    await until(() => heir.lines.includes("works"));
    victim.child.kill("SIGKILL");
    const killedAt = performance.now();
    await until(() => heir.lines.includes(`ends ${task.id}`));
    // Lock and two looks for expired ones, and nine times as much for a slow machine: BullMQ by itself would wait for 30 s.
    expect(performance.now() - killedAt).toBeLessThan(10 * (FAST.lockMs + 2 * FAST.stalledMs));
    expect(heir.lines).toEqual(["works", `begins ${task.id}`, `ends ${task.id}`]);
    await until(async () => (await waitingRows()) === 0);
  });

  test("and started again by itself: it goes on with its own task", async () => {
    const { queue } = await open();
    const task = newTask();
    await queue.add(task);
    const first = worker(60_000);
    await until(() => first.lines.includes(`begins ${task.id}`));
    first.child.kill("SIGKILL");
    const second = worker(10);
    await until(() => second.lines.includes(`ends ${task.id}`));
    await until(async () => (await waitingRows()) === 0);
  });

  test("by its own task, each time: the task is given up", async () => {
    const { queue } = await open();
    const task = newTask();
    await queue.add(task);
    for (let death = 1; death <= 5; death++) {
      const victim = worker(-1, { lockMs: 300, stalledMs: 150 });
      await until(() => victim.child.signalCode === "SIGKILL");
    }
    const survivor = worker(-1, { lockMs: 300, stalledMs: 150 });
    const said = `gives up ${task.id}: its process ended 5 times in the middle of it`;
    await until(() => survivor.lines.includes(said));
    await until(async () => (await waitingRows()) === 0);
  });
});

describe("closing", () => {
  test("finishes what is in hand and begins nothing new", async () => {
    const { queue } = await open();
    const done: string[] = [];
    const gate = newGate();
    const [first, second] = [newTask(), newTask()];
    await queue.add(first);
    const runs = await working(
      queue,
      async (task) => {
        await gate.opened;
        done.push(task.id);
      },
      1,
    );
    await until(() => runs.length === 1);
    await queue.add(second);
    const closed = queue.close();
    await pause(100);
    gate.open();
    await closed;
    expect(done).toEqual([first.id]);
    expect(await waitingRows()).toBe(1);

    const next = await open();
    const nextRuns = await working(next.queue);
    await until(async () => nextRuns.length === 1 && (await waitingRows()) === 0);
    expect(nextRuns).toEqual([second]);
  });

  test("does not wait for ever: what does not end in time is run again elsewhere", async () => {
    const { queue } = await open({ ...FAST, closeMs: 200 });
    const gate = newGate();
    const task = newTask();
    await queue.add(task);
    const runs = await working(queue, () => gate.opened);
    await until(() => runs.length === 1);
    const startedAt = performance.now();
    await queue.close();
    // By itself BullMQ would wait for the task, which never ends.
    expect(performance.now() - startedAt).toBeLessThan(20_000);

    const next = await open();
    const nextRuns = await working(next.queue);
    await until(async () => nextRuns.length === 1 && (await waitingRows()) === 0);
    gate.open();
  });
});

describe("the queue's own schema", () => {
  test("is not made by itself: a queue refuses to start without it, and what will run is said first", async () => {
    const schema = "jobs_elsewhere";
    const options = { connectionString: database.url, log: createLog("silent"), schema };
    await expect(createJobQueue(options)).rejects.toThrow("not initialized");
    expect(await pendingJobMigrations(database.url, schema)).toEqual([
      expect.stringMatching(/^schema "jobs_elsewhere" of the job queue: version 0 to \d+$/),
    ]);
    await migrateJobs(database.url, schema);
    expect(await pendingJobMigrations(database.url, schema)).toEqual([]);
    const queue = await createJobQueue(options);
    await queue.close();
  });
});

interface Line {
  level: string;
  msg: string;
}

async function open(timings: JobQueueOptions["timings"] = FAST): Promise<{ queue: JobQueue; lines: Line[] }> {
  const lines: Line[] = [];
  const to = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Line);
      done();
    },
  });
  const queue = await createJobQueue({
    connectionString: database.url,
    log: createLog("debug", to),
    timings,
  });
  closers.push(() => queue.close());
  return { queue, lines };
}

async function working(
  queue: JobQueue,
  run: (task: Task) => Promise<unknown> = async () => undefined,
  concurrency = 2,
  failed: Handler<Task>["failed"] = async () => undefined,
): Promise<Task[]> {
  const runs: Task[] = [];
  const analyze: Handler<Task> = {
    async run(task) {
      runs.push(task);
      await run(task);
    },
    failed,
  };
  await queue.work({ analyze, reply: analyze }, concurrency);
  return runs;
}

function worker(holdMs: number, timings = {}): { child: ChildProcess; lines: string[] } {
  const args = [
    "--import",
    "tsx",
    WORKER,
    database.url,
    `${holdMs}`,
    JSON.stringify({ ...FAST, ...timings }),
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  let rest = "";
  child.stdout.on("data", (bytes: Buffer) => {
    const parts = (rest + bytes).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  closers.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  });
  return { child, lines };
}

function newTask(): Task {
  return { name: "analyze", id: randomUUID(), tenantId: randomUUID(), conversationId: randomUUID() };
}

function newGate(): { opened: Promise<void>; open(): void } {
  let open: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open?.() };
}

async function waitingRows(): Promise<number> {
  const { rows } = await admin.query<{ count: string }>("select count(*) from jobs.job");
  return Number(rows[0]?.count);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
