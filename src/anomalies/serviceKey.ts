import type { ServiceRef } from "../logs/source.ts";

/** What a service is known by within its tenant: no two have the same. */
export function serviceKey({ service, namespace }: ServiceRef): string {
  return JSON.stringify([namespace, service]);
}
