import type { TenantScope } from "../tenancy/scope.ts";
import { loadBaselines } from "./baselineStore.ts";
import { readCircumstances } from "./circumstances.ts";
import { advance, type Count } from "./counting.ts";
import type { Episode } from "./episode.ts";
import { recentEpisodes } from "./episodeStore.ts";
import { loadKinds } from "./kindReader.ts";
import { NewErrors } from "./newErrors.ts";
import { slicesOf } from "./slices.ts";
import { TenantWatch } from "./tenantWatch.ts";
import type { Watch } from "./watchStore.ts";

/** What a process knows of a tenant that it scans. */
export interface InMemory {
  tenant: TenantWatch;
  kinds: NewErrors;
  /** It is not what is kept: all of it is kept at the next chance. */
  isUnkept: boolean;
  /** Episodes that are open as they are kept, and that nobody would ever end. */
  cannotGoOn: Episode[];
  /** Since when alerts were posted, as of the last time that all that is open was offered to channels. */
  offeredSinceMs?: number | undefined;
  /** Channels that took no messages then, or refused one after it. */
  shutOut?: readonly string[];
  /** When it was seen which those are. */
  reachAtMs?: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** After an outage no more than so much is caught up on: what was before it is history. */
export const MOST_CAUGHT_UP_MS = 24 * HOUR_MS;
/** Longer than what any detector looks at together, and than an episode is open for most of the time. */
const RECENT_MS = 6 * HOUR_MS;

/**
 * What is known of a tenant as it was kept, and what came after that: its minutes are counted again, and nobody is told of
 * what they held once more.
 * @param deeper a watch that knows more than what is kept
 */
export async function remember(
  scope: TenantScope,
  { scannedUntilMs, learnedFromMs, silentSinceMs, kindsFromMs }: Watch,
  { dueMs, learnMs }: { dueMs: number; learnMs: number },
  deeper: TenantWatch | undefined,
  count: Count,
): Promise<InMemory> {
  if (scannedUntilMs === undefined) {
    const kinds = new NewErrors(dueMs, [], []);
    return { tenant: new TenantWatch(), kinds, isUnkept: false, cannotGoOn: [] };
  }
  // What a clock that was ahead has had scanned was no minute yet: it is learnt anew from what is there now.
  const isAhead = scannedUntilMs > dueMs;
  const untilMs = isAhead ? dueMs - MINUTE_MS : scannedUntilMs;
  const earliestMs = untilMs - (isAhead ? learnMs : MOST_CAUGHT_UP_MS);
  const tenant = deeper ?? (isAhead ? new TenantWatch() : await kept());
  const knownMs = isAhead ? earliestMs : (tenant.firstMissingMs ?? untilMs);
  for (const range of slicesOf({ fromMs: Math.max(knownMs, earliestMs), toMs: untilMs }))
    await advance(tenant, await count(range), await readCircumstances(scope, range));
  tenant.standAt(untilMs);

  const episodes = await recentEpisodes(scope, untilMs, RECENT_MS);
  const begun = episodes.filter(({ detectedAtMs }) => detectedAtMs <= dueMs);
  const toCome = episodes.filter(({ isOpen, detectedAtMs }) => isOpen && detectedAtMs > dueMs);
  const cannotGoOn = [...tenant.take(begun), ...toCome];
  const kinds = await loadKinds(scope, Math.min(kindsFromMs ?? untilMs, untilMs), untilMs, begun);
  return { tenant, kinds, isUnkept: deeper !== undefined || isAhead, cannotGoOn };

  async function kept(): Promise<TenantWatch> {
    return TenantWatch.restoreInTurns(await loadBaselines(scope), { learnedFromMs, silentSinceMs });
  }
}
