import { type KnownName, knownName } from "../../logs/knownName.ts";
import type { LogSource } from "../../logs/source.ts";
import { unlessAborted } from "../../logs/unlessAborted.ts";
import { redactionOf } from "../../redactionRules/tenantRedaction.ts";
import type { TenantScope } from "../../tenancy/scope.ts";

/** A build does not wait longer for logs that hang. */
const WITHIN_MS = 3_000;

/** A service as it writes itself. Of a name that nobody knows, what looks like a secret is not kept. */
export async function nameToKeep(
  logs: LogSource,
  tenant: TenantScope,
  given: string,
  nowMs: number,
): Promise<string> {
  const signal = AbortSignal.timeout(WITHIN_MS);
  const known: KnownName | undefined = await unlessAborted(
    knownName(logs, tenant.lokiOrgId, given, nowMs),
    signal,
  ).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  return known !== undefined && known.doubt === undefined
    ? known.name
    : (await redactionOf(tenant)).redact(given);
}
