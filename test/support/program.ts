import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtFile } from "./build.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** LogHunter as its operator starts it, in a process of its own. */
export interface Program {
  pid: number;
  /** The printed address of the console. */
  address: string;
  /** Everything printed so far. */
  output(): string;
  /** Ends as the signal says. @returns the exit code, null where a signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Resolves when it has ended by itself. */
  ended: Promise<number | null>;
}

/** A state folder that the embedded PostgreSQL's own account can enter, also when the tests run as root. */
export async function makeStateDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "loghunter-state-"));
  await chmod(directory, 0o755);
  return directory;
}

const running = new Set<ChildProcess>();

/** Ends what a failed test left running: for `afterAll`. */
export async function endPrograms(): Promise<void> {
  for (const child of running) child.kill("SIGTERM");
  await Promise.all([...running].map((child) => new Promise((resolve) => child.once("close", resolve))));
}

/** The build runs in production; `npm start` runs the sources, which takes twice as long to start. */
export type Origin = "build" | "sources";

/** @param env added to an environment that is otherwise bare: no service of this machine is used by accident. */
export async function startProgram(
  env: Record<string, string>,
  args: readonly string[] = [],
  { origin = "build", cwd }: { origin?: Origin; cwd?: string } = {},
): Promise<Program> {
  const { child, output, ended } = await runProgram(env, args, { origin, cwd });
  const address = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = /http:\/\/\S+token=\S+/.exec(output());
      if (found !== null) resolve(found[0]);
    };
    child.stdout?.on("data", look);
    void ended.then((code) => reject(new Error(`it ended with ${code} before it was ready:\n${output()}`)));
  });
  return {
    pid: child.pid as number,
    address,
    output,
    ended,
    async end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs it to its end. */
export async function runToEnd(env: Record<string, string>, args: readonly string[] = [], cwd?: string) {
  const { output, ended } = await runProgram(env, args, { cwd });
  return { code: await ended, output: output() };
}

/** Runs a command of the operator to its end: `migrate`, `reencrypt`. */
export async function runCommand(env: Record<string, string>, args: readonly string[], cwd?: string) {
  const { output, ended } = await runProgram(env, args, { module: "src/cli", cwd });
  return { code: await ended, output: output() };
}

async function runProgram(
  env: Record<string, string>,
  args: readonly string[],
  {
    module = "src/main",
    origin = "build",
    cwd,
  }: { module?: string; origin?: Origin; cwd?: string | undefined },
) {
  const built = await builtFile(module);
  const program = origin === "sources" ? ["--import", "tsx", `${module}.ts`] : [built];
  const child: ChildProcess = spawn(process.execPath, [...program, ...args], {
    // A build of ours has no .env beside it, as a developer's checkout may.
    cwd: cwd ?? (origin === "sources" ? ROOT : dirname(built)),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, WEB_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  let text = "";
  child.stdout?.on("data", (data: Buffer) => {
    text += data.toString();
  });
  child.stderr?.on("data", (data: Buffer) => {
    text += data.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
  return { child, output: () => text, ended };
}
