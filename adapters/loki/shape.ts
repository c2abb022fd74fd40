import { unlessAborted } from "../../src/logs/unlessAborted.ts";
import { limitsOf, namesOf, versionOf } from "./answers.ts";
import type { LokiClient } from "./client.ts";
import { LokiFailure } from "./failure.ts";

/** What is known of one organisation's Loki before it is asked for lines. */
export interface Shape {
  /** The labels that hold a line's service, namespace and level; absent where no stream has one. */
  service: string;
  namespace: string | undefined;
  level: string | undefined;
  /** All labels there are, for `doctor`. */
  labels: readonly string[];
  /** Loki 3 finds a level in the text of a line and keeps it beside it. */
  detectsLevel: boolean;
  volume: boolean;
  maxEntries: number;
  /** Ranges that are longer are refused; 0: none. */
  maxRangeMs: number;
  /** What is older is left out without a word; 0: nothing. */
  lookbackMs: number;
  queryTimeoutMs: number;
  version: string | undefined;
  /** Loki failed when it was asked for its limits: they are looked for again soon. */
  isGuessed: boolean;
}

/** Labels named by the operator; the others are looked for. */
export interface LabelNames {
  service?: string;
  namespace?: string;
  level?: string;
}

/** In the order in which they say it best. Loki itself makes `service_name` of the others. */
const SERVICE = [
  "service_name",
  "service",
  "app",
  "application",
  "app_name",
  "container",
  "component",
  "job",
];
const NAMESPACE = ["namespace", "k8s_namespace_name", "kubernetes_namespace", "service_namespace"];
const LEVEL = ["level", "severity", "lvl", "loglevel", "log_level"];

/** As Loki is shipped. */
const DEFAULTS = { maxEntries: 5_000, maxRangeMs: 0, lookbackMs: 0, queryTimeoutMs: 60_000 };

/** Labels of streams that wrote within this time; where nothing did, within the longer one. */
const LOOKED_BACK_MS = [6 * 60 * 60_000, 7 * 24 * 60 * 60_000];
const SMALL_TIMEOUT_MS = 15_000;
/** A label that is new is found after so long; where there is none yet, the next question looks again. */
const KNOWN_MS = 10 * 60_000;
const EMPTY_KNOWN_MS = 15_000;

export interface Shapes {
  of(org: string, signal?: AbortSignal): Promise<Shape>;
  forget(org: string): void;
}

export function createShapes(client: LokiClient, given: LabelNames, now: () => number): Shapes {
  const known = new Map<string, { shape: Promise<Shape>; untilMs: number }>();
  return {
    async of(org, signal) {
      const kept = known.get(org);
      if (kept !== undefined && now() < kept.untilMs) return unlessAborted(kept.shape, signal);
      const entry = { shape: discover(client, org, given, now()), untilMs: now() + KNOWN_MS };
      known.set(org, entry);
      entry.shape.then(
        (found) => {
          if (found.labels.length === 0 || found.isGuessed) entry.untilMs = now() + EMPTY_KNOWN_MS;
        },
        () => {
          if (known.get(org) === entry) known.delete(org);
        },
      );
      return unlessAborted(entry.shape, signal);
    },
    forget: (org) => void known.delete(org),
  };
}

async function discover(client: LokiClient, org: string, given: LabelNames, nowMs: number): Promise<Shape> {
  const asking = { timeoutMs: SMALL_TIMEOUT_MS };
  const ask = (path: string, params = {}) => client.ask({ org, path, params }, asking);
  const limits = await askLimits(ask);
  let labels: string[] = [];
  for (const backMs of LOOKED_BACK_MS) {
    if (labels.length > 0) break;
    const reachMs = limits.maxRangeMs > 0 ? Math.min(backMs, limits.maxRangeMs) : backMs;
    const range = { start: nsText(nowMs - reachMs), end: nsText(nowMs) };
    labels = namesOf(await ask("/loki/api/v1/labels", range));
  }
  const first = (names: readonly string[]) => names.find((name) => labels.includes(name));
  return {
    service: given.service ?? first(SERVICE) ?? "service_name",
    namespace: given.namespace ?? first(NAMESPACE),
    level: given.level ?? first(LEVEL),
    labels,
    ...limits,
  };
}

function nsText(ms: number): string {
  return String(BigInt(Math.floor(ms)) * 1_000_000n);
}

type Limits = Omit<Shape, "service" | "namespace" | "level" | "labels">;

/** Before 3.0 Loki does not tell its limits, and gateways may hide them: then they are taken to be as shipped. */
async function askLimits(ask: (path: string) => Promise<unknown>): Promise<Limits> {
  try {
    const { limits, version } = limitsOf(await ask("/loki/api/v1/drilldown-limits"));
    return {
      detectsLevel: limits.discover_log_levels ?? true,
      volume: limits.volume_enabled ?? false,
      maxEntries: limits.max_entries_limit_per_query || DEFAULTS.maxEntries,
      maxRangeMs: durationMs(limits.max_query_length) ?? DEFAULTS.maxRangeMs,
      lookbackMs: durationMs(limits.max_query_lookback) ?? DEFAULTS.lookbackMs,
      queryTimeoutMs: durationMs(limits.query_timeout) || DEFAULTS.queryTimeoutMs,
      version,
      isGuessed: false,
    };
  } catch (error) {
    if (!isHidden(error)) throw error;
    const version = await ask("/loki/api/v1/status/buildinfo")
      .then(versionOf)
      .catch(() => undefined);
    // A server whose version is not to be had is taken for a new one: on an old one the level filter finds nothing more.
    const detectsLevel = !/^[012]\./.test(version ?? "");
    return { ...DEFAULTS, volume: false, detectsLevel, version, isGuessed: error.kind === "server" };
  }
}

function isHidden(error: unknown): error is LokiFailure {
  return (
    error instanceof LokiFailure &&
    ["not found", "disabled", "refused", "garbled", "query", "server"].includes(error.kind)
  );
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `30d1h`, `0s`, `1m`: as Prometheus writes durations. */
function durationMs(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:\d+(?:ms|[smhdwy]))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g))
    sum += Number(count) * (UNIT_MS[unit as string] as number);
  return sum;
}
