import { z } from "zod";
import type { TenantCache } from "../cache/cache.ts";
import type { ServiceRef } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { findBaseline, type KeptBaseline } from "./baselineStore.ts";

const KEPT_MS = 5 * 60_000;

const cached = z.object({
  service: z.string(),
  namespace: z.string(),
  windowFromMs: z.number(),
  windowToMs: z.number(),
  avgLogRate: z.number(),
  avgErrorRate: z.number(),
  p95ErrorRate: z.number(),
  lastSeenMs: z.number(),
  detectors: z.base64(),
});

/** What is kept of a service, at most five minutes old. That nothing is kept is not remembered: it is learnt any minute. */
export async function readCachedBaseline(
  cache: TenantCache,
  scope: TenantScope,
  ref: ServiceRef,
): Promise<KeptBaseline | undefined> {
  const key = { kind: "baseline", service: ref.service } as const;
  const known = read(await cache.get(key));
  // The key names no namespace: of two services of one name the last one that was asked for is in it.
  if (known !== undefined && known.service === ref.service && known.namespace === ref.namespace) return known;
  const kept = await findBaseline(scope, ref);
  if (kept === undefined) return undefined;
  const { detectors, ...rest } = kept;
  await cache.set(
    key,
    JSON.stringify({ ...rest, detectors: Buffer.from(detectors).toString("base64") }),
    KEPT_MS,
  );
  return kept;
}

/** Undefined for what another version has put there. */
function read(value: string | undefined): KeptBaseline | undefined {
  if (value === undefined) return undefined;
  try {
    const { detectors, ...rest } = cached.parse(JSON.parse(value));
    return { ...rest, detectors: Buffer.from(detectors, "base64") };
  } catch {
    return undefined;
  }
}
