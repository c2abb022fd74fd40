import { resolveIncident } from "./alerting/resolutions.ts";
import { forgetBaselinesOf } from "./anomalies/baselineStore.ts";
import { listOpenLeaders } from "./anomalies/store.ts";
import { forgetWatched, setLive } from "./anomalies/watchStore.ts";
import { findMark, forgetDeploysIn, markDeployIn } from "./deploys.ts";
import { END_OF_RECORDING } from "./logs/recording.ts";
import { runsForMs, type Sample } from "./samples.ts";
import type { Queryable, TenantScope } from "./tenancy/scope.ts";

/** The acts that mark deploys of recordings begin so. */
const ACT = "sample:";

/**
 * Makes what is kept fit the recordings as they are shown now: the deploys made in them are marked at the times at which the replay
 * shows them. Where they were shown at other times before, what was open then ends with that showing, and their services are learnt
 * anew: the minutes that were scanned had other lines in them. The rest of what was kept stays.
 */
export async function beginReplay(
  scope: TenantScope,
  samples: readonly Sample[],
  asMs: number,
): Promise<void> {
  const beforeMs = await shownBeforeAs(scope, samples);
  const isAnew = beforeMs !== undefined && beforeMs !== asMs;
  if (isAnew) await endOpen(scope, samples, beforeMs + runsForMs(samples));
  // The marks say at what times it was shown: killed before this, the next start does all of it again.
  await scope.transaction(async (db) => {
    if (isAnew) await forgetLearnt(scope, db, samples);
    await markDeploys(scope, db, samples, asMs);
  });
}

/**
 * Where recordings were shown and others' logs are read now: what was open ends with the showing, and neither the deploys made in
 * them nor what was learnt of their services is said of those logs. Who went live with the recordings has not with those: of
 * them nothing is learnt yet.
 */
export async function endReplay(
  scope: TenantScope,
  samples: readonly Sample[],
  nowMs: number,
): Promise<void> {
  const beforeMs = await shownBeforeAs(scope, samples);
  if (beforeMs === undefined) return;
  await endOpen(scope, samples, Math.min(beforeMs + runsForMs(samples), nowMs));
  await scope.transaction(async (db) => {
    await forgetLearnt(scope, db, samples);
    await forgetDeploysIn(scope, db, ACT);
    await setLive(scope, db, { isLive: false, setBy: END_OF_RECORDING, nowMs });
  });
}

async function endOpen(scope: TenantScope, samples: readonly Sample[], atMs: number): Promise<void> {
  for (const eventId of await listOpenLeaders(scope, namespacesOf(samples)))
    await resolveIncident(scope, { eventId, by: END_OF_RECORDING }, atMs);
}

async function forgetLearnt(scope: TenantScope, db: Queryable, samples: readonly Sample[]): Promise<void> {
  await forgetWatched(scope, db);
  await forgetBaselinesOf(scope, db, namespacesOf(samples));
}

function namespacesOf(samples: readonly Sample[]): string[] {
  return samples.map(({ namespace }) => namespace);
}

/** The instant that the recordings were shown as at the last start; undefined where they never were. */
async function shownBeforeAs(scope: TenantScope, samples: readonly Sample[]): Promise<number | undefined> {
  for (const { name, deploys, recordedNowMs } of samples) {
    for (const [i, deploy] of deploys.entries()) {
      const markedMs = await findMark(scope, actOf(name, i));
      if (markedMs !== undefined) return markedMs - (deploy.atMs - recordedNowMs);
    }
  }
  return undefined;
}

async function markDeploys(
  scope: TenantScope,
  db: Queryable,
  samples: readonly Sample[],
  asMs: number,
): Promise<void> {
  await forgetDeploysIn(scope, db, ACT);
  for (const { name, namespace, deploys, recordedNowMs } of samples) {
    for (const [i, deploy] of deploys.entries()) {
      const atMs = deploy.atMs - recordedNowMs + asMs;
      await markDeployIn(scope, db, {
        ...deploy,
        namespace,
        atMs,
        markedBy: "the recording",
        onceId: actOf(name, i),
      });
    }
  }
}

function actOf(sample: string, deploy: number): string {
  return `${ACT}${sample}:${deploy}`;
}
