import { wordsOf } from "./words.ts";

/** What runs anywhere, and what everybody calls what: no service of its own by this name. */
const EVERYWHERE = new Set(
  "a an the this that its their each every any no other another one same own whole new old affected failing faulty calling called caller upstream downstream dependent external internal remote third-party backend back-end frontend front-end client server host node pod container deployment application app api rest http https grpc tcp tls ssl dns network load-balancer balancer proxy gateway ingress mesh sidecar cache queue broker message messaging database db sql data storage disk volume file system operating kernel runtime scheduler cluster cloud provider vendor infrastructure platform kubernetes k8s kubelet etcd postgres postgresql pg mysql mariadb mongo mongodb redis valkey kafka zookeeper rabbitmq nats elasticsearch opensearch cassandra nginx envoy istio haproxy coredns jvm java node.js python go linux docker containerd systemd systemctl windows aws gcp azure s3 quality web micro background critical core entire main single specific missing unavailable unknown none unclear undetermined healthy slow self customer discovery shared common called-upon requesting consuming receiving responding answering querying waiting overloaded degraded unhealthy crashed restarted deployed updated broken busy unknown-to of in out to for with from by as on at into per via and or is are was be not only first second last which who what".split(
    " ",
  ),
);
/** What has versions and is no service. */
const VERSIONED = new Set(
  "api http tls ssl schema version release protocol proto ipv mtls tlsv cgroup cgroups oauth openapi ssh uuid deploy deployment".split(
    " ",
  ),
);

const NAME = "[\\p{L}][\\p{L}\\p{N}]*(?:[-_.][\\p{L}\\p{N}]+){0,6}";
/** Where a text says that a word is a service: "the billing service", "billing-v2", "Billing v2", "ledger-api". */
const NAMED: readonly { pattern: RegExp; isVersioned?: boolean }[] = [
  { pattern: new RegExp(`(?<![\\p{L}\\p{N}_.-])(${NAME})[ -](?:micro)?service(?![\\p{L}\\p{N}-])`, "giu") },
  {
    pattern: /(?<![\p{L}\p{N}_-])(?:micro)?service ["']?([\p{L}][\p{L}\p{N}]*(?:[-_][\p{L}\p{N}]+){1,6})/giu,
  },
  { pattern: new RegExp(`(?<![\\p{L}\\p{N}_.-])(${NAME})[ -]v\\d`, "giu"), isVersioned: true },
  {
    pattern:
      /(?<![\p{L}\p{N}_.-])([\p{Ll}][\p{Ll}\p{N}]*(?:-[\p{Ll}\p{N}]+){0,4}-(?:db|api|svc|worker|gateway|backend|frontend|web|cron|controller|operator|consumer|producer|processor))(?![\p{L}\p{N}_-])/gu,
  },
];

/**
 * The first name of a service in a model's texts that is neither one of those looked at nor stands in what it cites; undefined where
 * there is none. Nobody declares the services there are: a name counts where a text says that it is one.
 * @param texts its sentence, and what it gives as the service
 */
export function foreignServices(
  [cause, given]: readonly [cause: string, given: string],
  known: readonly string[],
  cited: readonly string[],
): string | undefined {
  const spoken = [...known, ...cited].join("\n").toLowerCase();
  const words = new Set(wordsOf(spoken).map(({ word }) => stem(word)));
  const isKnown = (name: string) => {
    const parts = name.toLowerCase().split(/[-_. ]+/);
    return (
      spoken.includes(name.toLowerCase()) ||
      EVERYWHERE.has(name.toLowerCase()) ||
      parts.every((part) => EVERYWHERE.has(part) || words.has(stem(part)))
    );
  };
  for (const { pattern, isVersioned } of NAMED)
    for (const [, name = ""] of cause.matchAll(pattern))
      if (!isKnown(name) && !(isVersioned && VERSIONED.has(name.toLowerCase()))) return name;
  // One of several is enough: `orders-db (PostgreSQL)`, `checkout -> orders-db`.
  const names = given.match(/[\p{L}\p{N}][\p{L}\p{N}_.-]*/gu) ?? [];
  return names.length > 0 && !names.some(isKnown) ? given.trim() : undefined;
}

/** "payment service" is `payments`. */
function stem(word: string): string {
  return word.length > 3 ? word.replace(/(?:es|s)$/, "") : word;
}
