import type { TenantScope } from "../tenancy/scope.ts";
import { listUnused } from "./careStore.ts";

/** A key that nobody has used for so long is one that somebody may find. */
export const UNUSED_MS = 90 * 24 * 60 * 60_000;

/** Names of keys that should perhaps be revoked. */
export function unusedKeys(scope: TenantScope, nowMs: number): Promise<string[]> {
  return listUnused(scope, nowMs - UNUSED_MS, nowMs);
}
