import { basename, dirname, resolve } from "node:path";
import type { ServiceRef } from "../../src/logs/source.ts";

/**
 * The service and namespace that a file's path speaks of, for lines that name none themselves:
 * `checkout.log`, `checkout-2026-11-24.log.gz` and `checkout.log.1` are `checkout`; a name that says
 * nothing (`error.log`, `current`) gives way to its folder's.
 */
export function placeOfPath(path: string): ServiceRef {
  const container = CONTAINER_LOG.exec(basename(path));
  if (container) return { namespace: container[1] ?? "", service: container[2] ?? "" };

  const own = bareName(basename(path));
  if (own !== "" && !SAYS_NOTHING.has(own)) return { service: own, namespace: "" };
  for (let folder = dirname(resolve(path)); folder !== dirname(folder); folder = dirname(folder)) {
    const name = basename(folder);
    if (!SAYS_NOTHING.has(name)) return { service: name, namespace: "" };
  }
  return { service: own === "" ? basename(path) : own, namespace: "" };
}

/** What the kubelet links in /var/log/containers: pod_namespace_container-id.log. */
const CONTAINER_LOG = /^[^_]+_([^_]+)_(.+)-[0-9a-f]{64}\.log$/;

const SAYS_NOTHING = new Set(
  "log logs current latest stdout stderr out err output error errors access console".split(" "),
);

/** Endings that rotation, compression and formats add; taken off one after the other. */
const ENDINGS = [
  /\.(gz|log|txt|out|err|json|jsonl|ndjson)$/i,
  /[-_.]\d{4}-?\d{2}-?\d{2}([-_.T]?\d{2}([-_.]?\d{2}){0,2})?$/,
  /\.\d{1,4}$/,
];

function bareName(name: string): string {
  for (;;) {
    const ending = ENDINGS.find((candidate) => candidate.test(name));
    if (ending === undefined) return name.replace(/[-_.]+$/, "");
    name = name.replace(ending, "");
  }
}
