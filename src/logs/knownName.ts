import { UserError } from "../errors.ts";
import { findService } from "./findService.ts";
import type { LogSource } from "./source.ts";

/** A service by name, in whichever namespace. */
export interface KnownName {
  name: string;
  /** What is wrong with it, where nobody knows the name: a sentence. */
  doubt?: string;
}

/** As the service writes itself; a name that nobody knows stays as typed: what is silent has one too. */
export async function knownName(
  logs: LogSource,
  org: string,
  typed: string,
  nowMs: number,
): Promise<KnownName> {
  try {
    const services = await logs.services(org, { fromMs: nowMs - 24 * 60 * 60_000, toMs: nowMs });
    const same =
      services.find((ref) => ref.service === typed) ??
      services.find((ref) => ref.service.toLowerCase() === typed.toLowerCase());
    if (same !== undefined) return { name: same.service };
    const ref = await findService(logs, org, { service: typed }, { fromMs: nowMs, toMs: nowMs });
    return { name: ref.service };
  } catch (error) {
    if (error instanceof UserError) return { name: typed, doubt: error.message };
    throw error;
  }
}
