import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { ended, failureOf, keepLast, type Programs } from "./programs.ts";

/** A psql that is told statements, in one transaction, and answers in lines of JSON. */
export interface Psql {
  /** Runs statements or psql's own commands. @throws what the server complained of */
  say(text: string): Promise<void>;
  /** Gives it the output of a program, whole. @throws where either fails */
  pour(program: string, args: readonly string[]): Promise<void>;
  /** Runs a query whose rows are one column of JSON each. */
  ask<Row>(query: string): Promise<Row[]>;
  /** Makes what was done last, and ends. */
  commit(): Promise<void>;
  /** Ends it; the server forgets what was done. */
  end(): Promise<void>;
}

export interface PsqlParts {
  programs: Programs;
  /** Major version of the server. */
  server: number;
  env: Record<string, string>;
  /** The database, for people. */
  where: string;
  signal?: AbortSignal | undefined;
}

const MARK = "-- heard so far --";

/**
 * Begins the transaction. Whatever ends the session before `commit`, be it `kill -9` of this process, leaves the database as it
 * was: psql reads to the end of its input and finds no commit there.
 */
export function openPsql({ programs, server, env, where, signal }: PsqlParts): Psql {
  const options = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password"];
  const variables = ["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse", "--set=SHOW_CONTEXT=never"];
  const child = spawn(programs.psql, [...options, ...variables, "--file=-"], { env, signal });
  const err = keepLast(child);
  const gone = ended(child);
  gone.catch(() => undefined); // Whoever waits for an answer is told.
  child.stdin.on("error", () => undefined); // It ended before it read all: its exit code tells.
  let heard: string[] = [];
  let marked: (() => void) | undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line === MARK) marked?.();
    else if (line.startsWith("{")) heard.push(line);
  });

  async function mustRun(waited: Promise<unknown>): Promise<void> {
    const early = gone.then(() => {
      throw failureOf(programs.psql, err(), where);
    });
    early.catch(() => undefined);
    // Its end says why, and the pipe that breaks with it does not.
    await Promise.race([waited.catch(() => early), early]);
  }
  async function write(text: string | Buffer): Promise<void> {
    if (!child.stdin.write(text)) await mustRun(once(child.stdin, "drain"));
  }
  async function say(text: string): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      marked = resolve;
    });
    await write(`${text}\n\\echo ${MARK}\n`);
    await mustRun(answered);
  }

  write("begin;\n").catch(() => undefined); // Whoever says the next thing is told.
  return {
    say,
    async ask<Row>(query: string) {
      heard = [];
      await say(query);
      return heard.map((line) => JSON.parse(line) as Row);
    },
    async pour(program, args) {
      const source = spawn(program, args, { env, signal, stdio: ["ignore", "pipe", "pipe"] });
      const complaint = keepLast(source);
      const ended_ = ended(source);
      ended_.catch(() => undefined);
      try {
        for await (const chunk of forServer(source.stdout, server)) await write(chunk);
      } catch (error) {
        source.kill();
        throw error;
      }
      if ((await ended_) !== 0) throw failureOf(program, complaint(), where);
      await say("");
    },
    async commit() {
      await say("commit;");
      child.stdin.end();
      if ((await gone) !== 0) throw failureOf(programs.psql, err(), where);
    },
    async end() {
      // The end of its input alone would let it run what it has read: nothing of that is a commit.
      child.kill();
      await gone.catch(() => undefined);
    },
  };
}

const UNKNOWN_BEFORE_17 = "SET transaction_timeout = 0;\n";
const HEAD_ENDS = "search_path";

/** pg_restore writes for a server of its own version: what an older one does not know is taken out of the head. */
async function* forServer(source: AsyncIterable<Buffer>, server: number): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of source) {
    if (head === undefined || server >= 17) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(HEAD_ENDS);
    if (end < 0) continue;
    yield Buffer.from(head.subarray(0, end).toString("utf8").replace(UNKNOWN_BEFORE_17, ""));
    yield head.subarray(end);
    head = undefined;
  }
  if (head !== undefined) yield head;
}
