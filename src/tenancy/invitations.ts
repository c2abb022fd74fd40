import { createHash, randomInt } from "node:crypto";
import { forRetention, type Perishable } from "./perishable.ts";
import type { Queryable, TenantScope } from "./scope.ts";

/** Long enough to carry a word from one chat to another. */
export const INVITATION_MS = 60 * 60_000;

/** Without letters and digits that are taken for each other. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const WORD_LETTERS = 12;

/** Makes a word that lets one workspace join the tenant: `KXQ2-9MPD-7RTW`, 60 random bits, kept as its hash. */
export async function invite(
  scope: TenantScope,
  db: Queryable,
  invitedBy: string,
  nowMs: number,
): Promise<string> {
  const letters = Array.from({ length: WORD_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  const word = letters.replace(/(.{4})(?=.)/g, "$1-");
  await db.query(
    `\
insert into invitations (tenant_id, code_hash, invited_by, expires_at)
values ($1, $2, $3, to_timestamp($4 / 1000.0))`,
    [scope.tenantId, hashOf(word), invitedBy, nowMs + INVITATION_MS],
  );
  return word;
}

export const PAST_INVITATIONS: Perishable = { table: "invitations", by: "expires_at", keptMs: forRetention };

/** As it is kept; people leave out dashes and capitals. */
export function hashOf(word: string): string {
  return createHash("sha256")
    .update(word.toUpperCase().replace(/[^A-Z0-9]/g, ""))
    .digest("hex");
}
