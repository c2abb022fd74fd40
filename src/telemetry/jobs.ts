import type { Handler, Handlers, Task } from "../jobs/queue.ts";
import type { Metrics } from "./metrics.ts";
import { timed } from "./telemetry.ts";

/** The same handlers, which tell what came of each task. */
export function watchedHandlers({ analyze, reply }: Handlers, metrics: Metrics): Handlers {
  return { analyze: watched("analyze", analyze, metrics), reply: watched("reply", reply, metrics) };
}

function watched<T extends Task>(name: T["name"], { run, failed }: Handler<T>, metrics: Metrics): Handler<T> {
  return {
    run: (task) =>
      timed(
        () => run(task),
        (outcome, seconds) => metrics.observe("loghunter_job_seconds", { name, outcome }, seconds),
      ),
    async failed(task, error) {
      await failed(task, error);
      metrics.count("loghunter_jobs_given_up_total", { name });
    },
  };
}
