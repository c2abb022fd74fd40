import type { ApiKey } from "./keyRow.ts";
import type { KeyScope } from "./scopes.ts";

/** What a key is asked for. */
export interface KeyRequest {
  name: string;
  scopes: readonly KeyScope[];
  /** Absent: it does not end. */
  expiresAtMs?: number;
  perMinute?: number;
}

/** What is asked for in the place of a key: the same, for as long a life as that one had. */
export function renewalOf(key: ApiKey, nowMs: number): KeyRequest {
  const lifeMs = key.expiresAtMs === undefined ? undefined : key.expiresAtMs - key.createdAtMs;
  return {
    ...{ name: key.name, scopes: key.scopes },
    ...(lifeMs !== undefined && { expiresAtMs: nowMs + lifeMs }),
    ...(key.perMinute !== undefined && { perMinute: key.perMinute }),
  };
}
