import type { Pack } from "../evidence/pack.ts";
import { ERROR_LEVELS, type LineQuery } from "../logs/source.ts";
import type { Answer } from "./answer.ts";

/** The error lines of the asked service and of the one to blame, in the asked window. */
export function linesBehind({ service, namespace, window, clusters }: Pack, { culprit }: Answer): LineQuery {
  const other = culprit === undefined ? undefined : clusters[culprit]?.service;
  const services = other === undefined || other === service ? [service] : [service, other];
  return { ...window, services, namespace, levels: ERROR_LEVELS, order: "newest first", limit: 1_000 };
}
