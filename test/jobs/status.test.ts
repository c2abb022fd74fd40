import { describe, expect, test } from "@jest/globals";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { cacheFor } from "../../src/cache/keys.ts";
import { readJobStatus, writeJobStatus } from "../../src/jobs/status.ts";

const TENANT = "0f3c1c5e-6c1f-4f0e-9b57-0d3b2f6f0a11";
const OTHER = "7a0d3f0e-0b42-4a0c-8a51-5b8b0c9d2e22";

describe("a job's status", () => {
  test("is known for ten minutes, to its tenant alone", async () => {
    let nowMs = 0;
    const cache = createMemoryCache({ now: () => nowMs });
    const own = cacheFor(cache, TENANT);
    const status = { state: "running" as const, phase: "reading logs", updatedAtMs: 5 };
    await writeJobStatus(own, "job-1", status);
    expect(await readJobStatus(own, "job-1")).toEqual(status);
    expect(await readJobStatus(own, "job-2")).toBeUndefined();
    expect(await readJobStatus(cacheFor(cache, OTHER), "job-1")).toBeUndefined();
    nowMs = 10 * 60_000;
    expect(await readJobStatus(own, "job-1")).toBeUndefined();
  });

  test.each(["", "{", '"running"', '{"state":"asleep","updatedAtMs":5}'])(
    "that reads %j is as good as none",
    async (text) => {
      const own = cacheFor(createMemoryCache({ now: () => 0 }), TENANT);
      await own.set({ kind: "job", jobId: "job-1" }, text, 1_000);
      expect(await readJobStatus(own, "job-1")).toBeUndefined();
    },
  );
});
