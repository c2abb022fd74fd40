import { levelOfLabels, levelOfLine } from "./detectedLevel.ts";
import { keyOf, type Labels } from "./lineLabels.ts";
import { compileMatcher } from "./matchers.ts";
import type { StandInLine } from "./standIn.ts";
import { Stream } from "./stream.ts";
import type { Matcher } from "./syntax.ts";

/** Where Loki 3 takes `service_name` from when a stream has none. */
const SERVICE_LABELS =
  "service app application app_name name app_kubernetes_io_name container container_name k8s_container_name component workload job k8s_job_name".split(
    " ",
  );

interface Tenant {
  streams: Map<string, Stream>;
  levels: Map<Stream, string | undefined>;
}

export interface ShelfRules {
  detectLevel: boolean;
  nameService: boolean;
}

/** What has been pushed, by tenant and stream. */
export class Shelf {
  readonly #tenants = new Map<string, Tenant>();
  readonly #rules: ShelfRules;

  constructor(rules: ShelfRules) {
    this.#rules = rules;
  }

  push(org: string, lines: readonly StandInLine[]): void {
    const tenant = this.#tenants.get(org) ?? { streams: new Map(), levels: new Map() };
    this.#tenants.set(org, tenant);
    // Large tests give thousands of lines the same object of labels.
    const byObject = new Map<object, Stream>();
    const shared = new Map<object, Labels>();
    for (const { labels, atNs, text, metadata } of lines) {
      const stream = byObject.get(labels) ?? this.#streamOf(tenant, labels);
      byObject.set(labels, stream);
      let given: Labels | undefined;
      if (metadata !== undefined) {
        given = shared.get(metadata) ?? new Map(Object.entries(metadata));
        shared.set(metadata, given);
      }
      stream.append(atNs, text, stream.metadataFor(this.#levelOf(tenant, stream, text, given), given));
    }
  }

  #levelOf(tenant: Tenant, stream: Stream, text: string, metadata: Labels | undefined): string | undefined {
    if (!this.#rules.detectLevel || metadata?.has("detected_level")) return undefined;
    return tenant.levels.get(stream) ?? levelOfLine(text, metadata);
  }

  #streamOf(tenant: Tenant, given: Record<string, string>): Stream {
    // An empty label is the same as none.
    const labels = new Map(Object.entries(given).filter(([, value]) => value !== ""));
    if (this.#rules.nameService && !labels.has("service_name")) {
      const from = SERVICE_LABELS.find((name) => labels.has(name));
      labels.set("service_name", (from && labels.get(from)) ?? "unknown_service");
    }
    const key = keyOf(labels);
    const known = tenant.streams.get(key);
    if (known !== undefined) return known;
    const made = new Stream(key, labels);
    tenant.streams.set(key, made);
    tenant.levels.set(made, levelOfLabels(labels));
    return made;
  }

  /** The streams of a tenant that all matchers pass, in order to be read. */
  select(org: string, matchers: readonly Matcher[]): Stream[] {
    const tests = matchers.map((matcher) => ({ name: matcher.name, passes: compileMatcher(matcher) }));
    const found: Stream[] = [];
    for (const stream of this.#tenants.get(org)?.streams.values() ?? []) {
      if (!tests.every(({ name, passes }) => passes(stream.labels.get(name) ?? ""))) continue;
      stream.settle();
      found.push(stream);
    }
    return found;
  }
}
