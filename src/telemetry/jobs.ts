import type { Handler, Handlers, Task } from "../jobs/queue.ts";
import type { Metrics } from "./metrics.ts";
import { secondsSince } from "./telemetry.ts";

/** The same handlers, which tell what came of each task. */
export function watchedHandlers({ analyze, reply }: Handlers, metrics: Metrics): Handlers {
  return { analyze: watched("analyze", analyze, metrics), reply: watched("reply", reply, metrics) };
}

function watched<T extends Task>(name: T["name"], { run, failed }: Handler<T>, metrics: Metrics): Handler<T> {
  return {
    async run(task) {
      const fromMs = performance.now();
      let outcome = "failed";
      try {
        await run(task);
        outcome = "done";
      } finally {
        metrics.observe("loghunter_job_seconds", { name, outcome }, secondsSince(fromMs));
      }
    },
    async failed(task, error) {
      await failed(task, error);
      metrics.count("loghunter_jobs_given_up_total", { name });
    },
  };
}
