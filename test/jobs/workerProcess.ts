/**
 * A worker in a process of its own, for tests that kill it. Prints a line when a task begins and one when it
 * ends. Arguments: the database, how long a task takes in ms (-1: it kills its process), the timings as JSON.
 */
import { createJobQueue } from "../../src/jobs/bullmq.ts";
import { createLog } from "../../src/log.ts";

const [url = "", holdMs = "", timings = "{}"] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

const queue = await createJobQueue({
  connectionString: url,
  log: createLog("silent"),
  timings: JSON.parse(timings),
});
const analyze = {
  async run(task: { id: string }) {
    say(`begins ${task.id}`);
    if (holdMs === "-1") process.kill(process.pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, Number(holdMs)));
    say(`ends ${task.id}`);
  },
  async failed(task: { id: string }, error: Error) {
    say(`gives up ${task.id}: ${error.message}`);
  },
};
await queue.work({ analyze, reply: analyze }, 2);
say("works");
