import { setTimeout as delay } from "node:timers/promises";
import type { TenantCache } from "../../src/cache/cache.ts";
import { UserError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Ask, LineQuery, LogSource } from "../../src/logs/source.ts";
import { createClient } from "./client.ts";
import { type LokiConnection, type OpenConnection, openConnection } from "./connection.ts";
import { countLines } from "./counts.ts";
import { exploreLink, type Grafana } from "./explore.ts";
import { LokiFailure } from "./failure.ts";
import { healthOf, LATE, NO_ORG } from "./health.ts";
import { readLines } from "./lines.ts";
import { compareText, findServices, serviceNames } from "./places.ts";
import { type Asking, createQueries } from "./queries.ts";
import { createShapes, type LabelNames } from "./shape.ts";
import type { QueryTrace } from "./trace.ts";

export interface LokiOptions {
  connection: LokiConnection;
  /** Organisations that are reached in another way. */
  connections?: Readonly<Record<string, LokiConnection>>;
  labels?: LabelNames;
  /** Lets an organisation be several at once, `a|b`: Loki must have multi_tenant_queries_enabled. */
  multiTenant?: boolean;
  grafana?: Grafana;
  cacheOf: (org: string) => Promise<TenantCache | undefined>;
  cacheMs?: number;
  concurrency?: number;
  /** Longer than Loki's own time-out; by default that and 5 s. */
  timeoutMs?: number;
  log: Log;
  now: () => number;
  random?: () => number;
  sleep?: (ms: number) => Promise<void>;
  trace?: (trace: QueryTrace) => void;
}

export interface LokiSource extends LogSource {
  close(): Promise<void>;
}

/** https://grafana.com/docs/loki/latest/operations/multi-tenancy/ */
const ORG = /^(?!\.{1,2}$)[a-zA-Z0-9!\-_.*'()]{1,150}$/;
const CACHE_MS = 60_000;
const CONCURRENCY = 3;
/** From so many hours on it is first asked where anything is. */
const SURVEYED_MS = 3 * 60 * 60_000;
const HOUR_MS = 3_600_000;

/**
 * Grafana Loki as a source of lines. Nothing is asked before the first query.
 * @throws UserError where a file of the connection cannot be read.
 */
export async function openLoki(options: LokiOptions): Promise<LokiSource> {
  const shared = await openConnection(options.connection);
  const own = new Map<string, OpenConnection>();
  for (const [org, connection] of Object.entries(options.connections ?? {}))
    own.set(org, await openConnection(connection));
  const connectionOf = (org: string) => own.get(org) ?? shared;
  const client = createClient({
    connectionOf,
    cacheOf: options.cacheOf,
    cacheMs: options.cacheMs ?? CACHE_MS,
    concurrency: options.concurrency ?? CONCURRENCY,
    log: options.log,
    now: options.now,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? delay,
    trace: options.trace ?? (() => undefined),
  });
  const shapes = createShapes(client, options.labels ?? {}, options.now);
  const isOrg = (org: string) =>
    (options.multiTenant === true ? org.split("|") : [org]).every((one) => ORG.test(one));

  /** What is needed to ask for an organisation; nothing where Loki cannot have it. */
  async function opened(org: string, ask: Pick<Ask, "signal" | "fresh">) {
    ask.signal?.throwIfAborted();
    if (!isOrg(org)) return undefined;
    const shape = await shapes.of(org, ask.signal);
    const asking: Asking = {
      signal: ask.signal,
      fresh: ask.fresh,
      timeoutMs: options.timeoutMs ?? shape.queryTimeoutMs + 5_000,
    };
    return { shape, queries: createQueries(client, org, shape, asking) };
  }

  /** Hours of a long range that have lines of those levels and places, or of no level that labels tell. */
  async function survey(org: string, query: LineQuery): Promise<(hourMs: number) => boolean> {
    const { fromMs, toMs, levels, services } = query;
    const isCheap = query.logql === undefined && (levels !== undefined || services !== undefined);
    if (!isCheap || toMs - fromMs < SURVEYED_MS) return () => true;
    const from = Math.floor(fromMs / HOUR_MS) * HOUR_MS;
    const to = Math.ceil(toMs / HOUR_MS) * HOUR_MS;
    const { levels: _, order: __, limit: ___, contains: ____, ...places } = query;
    const series = await source
      .counts(org, { ...places, fromMs: from, toMs: to, stepMs: HOUR_MS })
      .catch((error: unknown) => {
        if (error instanceof UserError) return undefined;
        throw error;
      });
    // It spares work and is no more: what cannot be counted may be read, and says so itself where it cannot.
    if (series === undefined) return () => true;
    const busy = new Set<number>();
    for (const { level, counts } of series) {
      if (level !== undefined && levels !== undefined && !levels.includes(level)) continue;
      counts.forEach((count, i) => {
        if (count > 0) busy.add(from + i * HOUR_MS);
      });
    }
    // What was counted may be some time old, and lines of this hour have come since.
    return (hourMs) => busy.has(hourMs) || hourMs + HOUR_MS > options.now();
  }

  const source: LokiSource = {
    async *lines(org, query) {
      if (query.toMs <= query.fromMs || query.limit <= 0) {
        query.signal?.throwIfAborted();
        return;
      }
      try {
        const open = await opened(org, query);
        if (open === undefined) return;
        const busy = await survey(org, query);
        for await (const line of readLines(query, open.shape, open.queries.pages(query), busy)) {
          query.signal?.throwIfAborted();
          yield line;
        }
      } catch (error) {
        throw forPeople(error);
      }
    },
    counts: (org, query) =>
      told(async () => {
        if (!(query.stepMs > 0)) throw new RangeError("a step must be longer than nothing");
        const open = await opened(org, query);
        if (open === undefined || query.toMs <= query.fromMs) return [];
        const services = () => serviceNames(query, open.shape, open.queries);
        return countLines(query, open.shape, { ...open.queries, services });
      }),
    services: (org, ask) =>
      told(async () => {
        const open = await opened(org, ask);
        return open === undefined ? [] : findServices(ask, open.shape, open.queries);
      }),
    async namespaces(org, ask) {
      const names = new Set((await source.services(org, ask)).map(({ namespace }) => namespace));
      return [...names].filter((name) => name !== "").sort(compareText);
    },
    async health(org) {
      if (!isOrg(org)) return NO_ORG;
      try {
        shapes.forget(org);
        const shape = await shapes.of(org);
        return healthOf(shape, addressOf(connectionOf(org)), client.skewMs(org));
      } catch (error) {
        if (!(error instanceof LokiFailure)) throw error;
        // Nobody asked for a time or a service that could be less.
        const summary = error.kind === "timeout" ? LATE : error.toUserError().message;
        return { ok: false, summary, warnings: [] };
      }
    },
    async linkTo(org, query) {
      const { grafana } = options;
      const open = grafana === undefined ? undefined : await opened(org, query).catch(() => undefined);
      return grafana === undefined || open === undefined
        ? undefined
        : exploreLink(grafana, query, open.shape);
    },
    async close() {
      await Promise.all([shared, ...own.values()].map((connection) => connection.close()));
    },
  };
  return source;
}

function addressOf({ base }: OpenConnection): string {
  return base.replace(/^https?:\/\//, "");
}

async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw forPeople(error);
  }
}

function forPeople(error: unknown): unknown {
  return error instanceof LokiFailure ? error.toUserError() : error;
}
