import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type FilesSource, openFiles } from "../../adapters/files/index.ts";
import { analyseBuiltin } from "../../src/analysis/builtin.ts";
import { evidenceOrder } from "../../src/analysis/evidenceCard.ts";
import { gatherEvidence, NOTHING_KEPT } from "../../src/evidence/gather.ts";
import { createLog } from "../../src/log.ts";
import { createRedaction } from "../../src/logs/redaction.ts";
import { readSamples, type Sample } from "../../src/samples.ts";

interface Cause {
  service: string;
  lineRegex: string;
}

const causes = JSON.parse(
  await readFile(new URL("../../samples/causes.json", import.meta.url), "utf8"),
) as Record<string, Cause>;
const samples = await readSamples();
const asMs = Date.UTC(2030, 0, 1, 12);

let logs: FilesSource;
beforeAll(async () => {
  const paths = samples.map(({ directory, namespace, recordedNowMs }) => ({
    pattern: `${directory}/*.log.gz`,
    namespace,
    replay: { recordedNowMs, asMs },
  }));
  logs = await openFiles({ paths, org: "local", now: () => asMs, log: createLog("silent") });
});
afterAll(() => logs.close());

async function analyse(sample: Sample, windowMs: number) {
  const { pack } = await gatherEvidence(
    {
      org: "local",
      redaction: createRedaction({}),
      service: sample.analyze,
      namespace: sample.namespace,
      window: { fromMs: asMs - windowMs, toMs: asMs },
    },
    logs,
    {
      ...NOTHING_KEPT,
      deploys: async (range) =>
        sample.deploys
          .map((deploy) => ({
            ...deploy,
            namespace: sample.namespace,
            atMs: deploy.atMs - sample.recordedNowMs + asMs,
          }))
          .filter((deploy) => deploy.atMs >= range.fromMs && deploy.atMs < range.toMs),
    },
  );
  return { pack, answer: analyseBuiltin(pack) };
}

test("three incidents ship, each with a known cause", () => {
  expect(samples).toHaveLength(3);
  expect(Object.keys(causes).sort()).toEqual(samples.map((sample) => sample.name).sort());
});

describe.each(samples.map((sample) => [sample.name, sample] as const))("%s", (name, sample) => {
  const cause = causes[name] as Cause;

  test.each([15, 30, 60])(
    "the true cause is in the first three evidence items, asked about %i minutes",
    async (minutes) => {
      const { pack, answer } = await analyse(sample, minutes * 60_000);

      const firstThree = evidenceOrder(pack, answer)
        .slice(0, 3)
        .map((number) => pack.clusters[number - 1]);
      expect(firstThree.map((cluster) => `${cluster?.service}: ${cluster?.sample}`)).toContainEqual(
        expect.stringMatching(new RegExp(`^${cause.service}: [^]*(?:${cause.lineRegex})`)),
      );
      expect(answer.rootCause).toMatch(new RegExp(`^${cause.service}: `));
    },
  );

  test("before the incident there is no cause to see", async () => {
    const { pack } = await analyse(sample, 60 * 60_000);
    const onsetMs = pack.onsetMs as number;
    const quiet = await gatherEvidence(
      {
        org: "local",
        redaction: createRedaction({}),
        service: sample.analyze,
        namespace: sample.namespace,
        window: { fromMs: onsetMs - 14 * 60_000, toMs: onsetMs - 4 * 60_000 },
      },
      logs,
    );

    expect(analyseBuiltin(quiet.pack).confidence).toBeLessThan(0.4);
  });
});
