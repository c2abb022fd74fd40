import { forLookingBack, type Perishable } from "../tenancy/perishable.ts";

/**
 * Messages about no conversation and no episode. What is still wrong after so long is told once more, since the row that
 * kept it from being told twice is gone.
 */
export const PAST_NOTICES: Perishable = {
  table: "deliveries",
  by: "created_at",
  when: "r.notice is not null and r.lease_until is null",
  keptMs: forLookingBack,
};
