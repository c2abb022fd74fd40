import { nearest } from "../../chat/nearest.ts";
import { UserError } from "../../errors.ts";
import { findFilter, listFilters, type SavedFilter } from "../../filters/store.ts";
import type { TenantScope } from "../../tenancy/scope.ts";

/** So many are looked through for a name that is nearly the one asked for. */
const KNOWN = 1_000;
const LISTED = 12;

/** The saved filter of that name, whatever its case. @throws UserError naming the nearest, or what there is. */
export async function savedFilter(scope: TenantScope, name: string): Promise<SavedFilter> {
  const found = await findFilter(scope, name);
  return found ?? noFilter(scope, name);
}

/** @throws UserError naming the nearest, or what there is. */
export async function noFilter(scope: TenantScope, name: string): Promise<never> {
  throw new UserError(noSuchFilter(name, await listFilters(scope, KNOWN)));
}

function noSuchFilter(asked: string, known: readonly SavedFilter[]): string {
  const unknown = `There is no saved filter "${asked}".`;
  const names = known.map((filter) => filter.name);
  const lower = names.map((name) => name.toLowerCase());
  const near = nearest(asked.toLowerCase(), lower);
  if (near !== undefined) return `${unknown} Did you mean ${names[lower.indexOf(near)]}?`;
  if (names.length === 0) return `${unknown} Nobody has saved one yet: help filters save says how.`;
  const more = names.length > LISTED ? ` and others: filters list shows them` : "";
  return `${unknown} There are ${names.slice(0, LISTED).join(", ")}${more}.`;
}
