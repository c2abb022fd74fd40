import { expect, test } from "@jest/globals";
import { Volumes } from "../../src/evidence/volumes.ts";
import { LEVELS } from "../../src/logs/source.ts";
import { leastMs } from "../support/leastMs.ts";

const STEPS = { fromMs: 0, stepMs: 60_000, count: 120 };

test("what is usual for hundreds of services is told of thousands of kinds of their lines at once", () => {
  // Their first lines come later than those of the log: what they had to do before is looked at closely.
  const series = Array.from({ length: 300 }, (_, service) =>
    LEVELS.map((level) => ({
      ...{ service: `service-${service}`, namespace: "shop", level, fromMs: 0, stepMs: STEPS.stepMs },
      counts: Array.from({ length: STEPS.count }, (_, step) =>
        service > 1 && step < 30 ? 0 : step % 9 ? 0 : 20,
      ),
    })),
  ).flat();

  const ms = leastMs(() => {
    const volumes = new Volumes(series, STEPS);
    for (let kind = 0; kind < 6_000; kind++) {
      const service = `service-${kind % 300}`;
      volumes.startMs(service);
      volumes.growth(service, 90 * STEPS.stepMs);
    }
  }, 1);

  expect(ms).toBeLessThan(2_000);
});
