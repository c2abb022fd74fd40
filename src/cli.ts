#!/usr/bin/env node
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import { createClient } from "./cli/client.ts";
import { CliError, EXIT } from "./cli/exit.ts";
import { findKey } from "./cli/key.ts";
import { createProgram } from "./cli/program.ts";
import { createTerminal } from "./cli/terminal.ts";
import { readEnvironment } from "./config.ts";
import { addEnvFile } from "./envFile.ts";
import { UserError } from "./errors.ts";
import { withoutOwnKeys } from "./logs/redaction/ownKeys.ts";
import { usualStateDirectory } from "./stateDirectory.ts";

const ROOT = fileURLToPath(new URL(import.meta.url.includes("/dist/") ? "../.." : "..", import.meta.url));
const USUAL_URL = "http://127.0.0.1:3141";
const USUAL_COST = 12;

/** The command line: arguments → command → exit code. */
async function main(): Promise<void> {
  const { env } = process;
  const terminal = createTerminal({
    out: process.stdout,
    err: process.stderr,
    noColor: (env.NO_COLOR ?? "") !== "",
  });
  const client = async () =>
    createClient({
      url: env.LOGHUNTER_URL ?? USUAL_URL,
      key: await findKey({
        key: env.LOGHUNTER_KEY,
        file: env.LOGHUNTER_KEY_FILE,
        configDirectory: env.XDG_CONFIG_HOME ?? join(homedir(), ".config"),
      }),
      newId: randomUUID,
      pause,
      fetch,
      tell: terminal.tell,
      someoneWaits: process.stderr.isTTY === true,
    });
  // Only what an operator runs on the database reads .env. A command that asks the API must not: the file of a folder that is
  // somebody else's could name another LOGHUNTER_URL, and the key would be sent there.
  const settings = async () => {
    await addEnvFile(env);
    return readEnvironment(env);
  };
  const usualStateDir = () => usualStateDirectory(ROOT, env.XDG_STATE_HOME);
  const program = createProgram({
    version: await readVersion(),
    asking: (json) => ({ client, terminal, json, pause, now: Date.now }),
    // Loaded when they are asked for: who asks the API waits for none of it.
    operator: {
      async start({ logs }) {
        process.argv.splice(2, Number.POSITIVE_INFINITY, ...(logs === undefined ? [] : ["--logs", ...logs]));
        await import("./main.ts");
      },
      async migrate({ yes }) {
        const { databaseOf, migrate } = await import("./cli/operator.ts");
        const url = databaseOf(await settings());
        await explained(url, () => migrate(url, yes === true));
      },
      async reencrypt() {
        const { databaseOf, reencrypt } = await import("./cli/operator.ts");
        const env = await settings();
        const url = databaseOf(env);
        await explained(url, () => reencrypt(url, env));
      },
      async doctor({ org, json }) {
        const { doctor } = await import("./cli/doctor.ts");
        const env = await settings();
        const stateDirectory = env.stateDir ?? usualStateDir();
        try {
          await doctor({ env, stateDirectory, terminal, json, ...(org !== undefined && { org }) });
        } finally {
          // What hangs holds its connection: it was told of, and nobody waits for it.
          setTimeout(() => process.exit(), 500).unref();
        }
      },
      async backups(json, run) {
        const { backupCommands } = await import("./cli/backup.ts");
        const version = await readVersion();
        const given = await settings();
        const parts = { settings: given, env, terminal, json, version, usualStateDir: usualStateDir() };
        await explained(given.databaseUrl, () => run(backupCommands(parts)));
      },
      async keys(org, run) {
        const [{ databaseOf }, { keysOf }] = await Promise.all([
          import("./cli/operator.ts"),
          import("./cli/operatorKeys.ts"),
        ]);
        const env = await settings();
        const url = databaseOf(env);
        const cost = env.keyHashCost ?? USUAL_COST;
        await explained(url, () => run(keysOf({ url, org, cost })));
      },
    },
  });
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    process.exitCode = codeOf(error);
  } finally {
    terminal.progress("");
  }
}

/** What operators type at the database: where that fails, they are told in words that mend it. */
async function explained(databaseUrl: string | undefined, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { explainDatabase } = await import("./databaseAdvice.ts");
    throw await explainDatabase(error, databaseUrl);
  }
}

/** What the shell is told; people are told here too, unless they were already. */
function codeOf(error: unknown): number {
  // Commander has said what was wrong, or printed the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  console.error(error instanceof Error ? withoutOwnKeys(error.message) : error);
  if (error instanceof CliError) return error.code;
  if (error instanceof UserError) return error.cause === undefined ? EXIT.failed : EXIT.unreachable;
  return EXIT.failed;
}

async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { version: string };
  return version;
}

// `loghunter … | head` has read what it wanted.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(EXIT.done);
});
await main();
