import type { Chart } from "../charts/chart.ts";
import type { Deploy } from "../evidence/pack.ts";
import type { ServiceRef } from "../logs/source.ts";

/** Deploys of a service as marks on a chart. */
export function deployMarks(
  deploys: readonly Deploy[],
  { service, namespace }: ServiceRef,
): NonNullable<Chart["marks"]> {
  return deploys
    .filter(
      (deploy) => deploy.service === service && (deploy.namespace === "" || deploy.namespace === namespace),
    )
    .map(({ atMs, version }) => ({ atMs, label: version, kind: "deploy" as const }));
}
