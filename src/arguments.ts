import { parseArgs } from "node:util";
import { calledAs } from "./calledAs.ts";
import { UserError } from "./errors.ts";

const WIDTH = 29;
export const USAGE = `Usage: ${calledAs("start").padEnd(WIDTH)}replay the recorded incidents
       ${calledAs("start", "--logs PATH…").padEnd(WIDTH)}read log files: files, folders or globs, .gz too

docs/configuration.md lists the settings of the environment, such as WEB_PORT and DATABASE_URL.`;

/**
 * What was typed behind the program's name; `logs` are the paths after --logs.
 * @throws UserError that says what is wrong, and how it is used.
 */
export function readArguments(args: readonly string[]): { help: boolean; logs?: string[] } {
  const { values, positionals } = parsed(args);
  if (values.help) return { help: true };
  if (values.logs) return { help: false, logs: positionals };
  if (positionals.length === 0) return { help: false };
  throw new UserError(`To read logs, say so: ${calledAs("start", "--logs", ...positionals)}\n\n${USAGE}`);
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { logs: { type: "boolean" }, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
  } catch (error) {
    // Node's own sentence goes on with advice for programmers.
    const [sentence] =
      error instanceof Error ? error.message.split(/[.,] /, 1) : ["These arguments are wrong"];
    throw new UserError(`${sentence}.\n\n${USAGE}`);
  }
}
