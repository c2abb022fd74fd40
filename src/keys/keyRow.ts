import type { KeyScope } from "./scopes.ts";

/** An API key as its row tells of it: nothing of it opens anything. */
export interface ApiKey {
  id: string;
  name: string;
  scopes: KeyScope[];
  lastFour: string;
  /** The platform's id of the person; "operator". */
  createdBy: string;
  createdAtMs: number;
  /** Absent: it does not end. */
  expiresAtMs?: number;
  /** Absent: nobody is known to have seen it, and it opens nothing. */
  shownAtMs?: number;
  /** Set where another took its name and its place: it works until it expires. */
  replacedAtMs?: number;
  lastUsedAtMs?: number;
  /** Requests in a minute; absent: as many as every key. */
  perMinute?: number;
}

export const COLUMNS = `\
id, name, scopes, last_four, created_by, created_at, expires_at, shown_at, replaced_at, last_used_at, per_minute`;

export interface KeyRow {
  id: string;
  name: string;
  scopes: KeyScope[];
  last_four: string;
  created_by: string;
  created_at: Date;
  expires_at: Date | null;
  shown_at: Date | null;
  replaced_at: Date | null;
  last_used_at: Date | null;
  per_minute: number | null;
}

export function keyOf(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    lastFour: row.last_four,
    createdBy: row.created_by,
    createdAtMs: row.created_at.getTime(),
    ...(row.expires_at !== null && { expiresAtMs: row.expires_at.getTime() }),
    ...(row.shown_at !== null && { shownAtMs: row.shown_at.getTime() }),
    ...(row.replaced_at !== null && { replacedAtMs: row.replaced_at.getTime() }),
    ...(row.last_used_at !== null && { lastUsedAtMs: row.last_used_at.getTime() }),
    ...(row.per_minute !== null && { perMinute: row.per_minute }),
  };
}
