/**
 * One bot instance as a process of its own, for tests that kill it: starts the server, says how in one
 * line of JSON, and stops when its input ends.
 */
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from "../../../adapters/postgres/index.ts";
import { createLog } from "../../../src/log.ts";

export interface InstanceOptions extends Omit<EmbeddedPostgresOptions, "log"> {
  /** Pretends to be a machine of another kind. */
  arch?: string;
}

async function main() {
  const { arch, ...options }: InstanceOptions = JSON.parse(process.argv[2] ?? "{}");
  if (arch) Object.defineProperty(process, "arch", { value: arch });
  try {
    const server = await startEmbeddedPostgres({ ...options, log: createLog("silent") });
    console.log(JSON.stringify({ url: server.url, how: server.how, dataDirectory: server.dataDirectory }));
    process.stdin.on("end", () => server.stop().then(() => process.exit(0)));
    process.stdin.resume();
  } catch (err) {
    const { name, message } = err as Error;
    console.log(JSON.stringify({ name, message }));
  }
}

void main();
