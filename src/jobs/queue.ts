/** Work that outlives the process that was asked for it. Rows in PostgreSQL: losing Redis loses none. */
export interface JobQueue {
  /** Enqueues once: while a task of that name and id is waiting or running, adding it again changes nothing. */
  add(task: Task): Promise<void>;
  /**
   * Begins to work: at most `concurrency` tasks at a time. A task is run at least once: one whose process
   * died is run again by whoever is alive, so handlers must bear a second run.
   */
  work(handlers: Handlers, concurrency: number): Promise<void>;
  /** How many tasks there are, and since when the oldest waits that nobody has begun. */
  standing(): Promise<QueueStanding>;
  /** Finishes what is in hand, bounded; what does not end in time is run again elsewhere. */
  close(): Promise<void>;
}

export interface QueueStanding {
  waiting: number;
  active: number;
  /** To be tried again later. */
  delayed: number;
  /** Absent where none waits. */
  oldestForMs?: number;
}

/** Ids only, never text: what tenants own stays behind row-level security, and the queue is outside it. */
export type Task =
  | { name: "analyze"; id: string; tenantId: string; conversationId: string }
  | { name: "reply"; id: string; tenantId: string; conversationId: string; turnId: string };

export type TaskOf<Name extends Task["name"]> = Extract<Task, { name: Name }>;

export type Handlers = { [Name in Task["name"]]: Handler<TaskOf<Name>> };

/** A task was called off because its process is to end: no fault of its own. */
export class CalledOff extends Error {}

export interface Handler<T extends Task> {
  /** Throwing means another attempt after a pause, three in all; a database that went away, or being called off, counts for none. */
  run(task: T): Promise<void>;
  /** The task is given up: tell those who wait for it. Tried again itself when it throws or its process dies. */
  failed(task: T, error: Error): Promise<void>;
}
