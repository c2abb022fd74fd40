import { z } from "zod";
import { createClusterer } from "../clusters/cluster.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import { findDeploys } from "../deploys.ts";
import { sumOf } from "../evidence/numbers.ts";
import type { Pack } from "../evidence/pack.ts";
import type { Redaction } from "../logs/redaction.ts";
import { ERROR_LEVELS, type LogSource, type ServiceRef, type TimeRange } from "../logs/source.ts";
import type { JsonSchema, ModelTool, ToolCall } from "../models/languageModel.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { cut, neutral } from "./prompt/neutral.ts";

/** Something that was looked up for a question, shown to the model and named in its answer. */
export interface LookedUp {
  /** It is cited by this; the numbers go on from those of the pack. */
  number: number;
  /** What was looked for, for people: `lines of orders-db with "timeout"`. */
  what: string;
  /** Absent in what was kept while `what` said it. */
  range?: TimeRange;
  /** Lines that came of it, redacted. */
  lines: string[];
}

export interface LookUpParts {
  scope: TenantScope;
  logs: LogSource;
  redaction: Redaction;
  fingerprints: FingerprintPool;
  pack: Pack;
  nowMs: number;
  signal: AbortSignal;
  /** Who logged anything then. */
  servicesIn(range: TimeRange): Promise<ServiceRef[]>;
}

type Found = Required<Omit<LookedUp, "number">>;

const MAX_LINES = 20;
const LINE_CHARS = 300;
const MAX_CLUSTERS = 8;
const MAX_READ = 5_000;
/** The logs of so long ago may be asked for, and so much of them at a time. */
const MAX_AGE_MS = 7 * 24 * 60 * 60_000;
const MAX_RANGE_MS = 6 * 60 * 60_000;

const when = {
  from: z.string().describe("UTC, such as 2026-01-31T14:00:00Z"),
  to: z.string().describe("UTC, at most six hours later"),
};
const TOOLS = {
  search_lines: {
    description:
      "Log lines of one service that contain a text, oldest first, at most 20. An empty text: all lines.",
    form: z.strictObject({ service: z.string(), text: z.string(), ...when }),
  },
  count_lines: {
    description: "How many lines of each level a service wrote, minute by minute.",
    form: z.strictObject({ service: z.string(), ...when }),
  },
  error_clusters: {
    description: "Warnings and errors of one service, grouped by what they say, the most frequent first.",
    form: z.strictObject({ service: z.string(), ...when }),
  },
  list_deploys: {
    description: "Deploys that were marked, of all services.",
    form: z.strictObject({ ...when }),
  },
} as const;
type ToolName = keyof typeof TOOLS;

/** All that a model may ask for: reading, within the tenant. There is nothing that acts. */
export const LOOK_UPS: readonly ModelTool[] = Object.entries(TOOLS).map(([name, { description, form }]) => ({
  name,
  description,
  parameters: z.toJSONSchema(form) as JsonSchema,
}));

/** What a call asks for, if it is one of the tools and its arguments are in their form; or what is wrong with it. */
export function readCall(
  call: Pick<ToolCall, "name" | "arguments">,
): { name: ToolName; given: Given } | { wrong: string } {
  if (!Object.hasOwn(TOOLS, call.name)) return { wrong: `There is no tool ${cut(neutral(call.name), 40)}.` };
  const name = call.name as ToolName;
  const read = TOOLS[name].form.safeParse(call.arguments);
  return read.success
    ? { name, given: read.data as Given }
    : { wrong: "The arguments are not in the form of this tool." };
}

type Given = { service?: string; text?: string; from: string; to: string };

/**
 * Does what a model asks for.
 * @returns what was found; or what is wrong with the call, for the model to read
 */
export async function lookUp(
  call: Pick<ToolCall, "name" | "arguments">,
  parts: LookUpParts,
): Promise<Found | { wrong: string }> {
  const read = readCall(call);
  if ("wrong" in read) return read;
  const { name, given } = read;
  const range = rangeOf(given, parts.nowMs);
  if (typeof range === "string") return { wrong: range };
  if (given.service !== undefined && !(await isKnown(given.service, range, parts)))
    return { wrong: "No service of that name logged anything then." };
  switch (name) {
    case "search_lines":
      return searchLines(given.service as string, given.text ?? "", range, parts);
    case "count_lines":
      return countLines(given.service as string, range, parts);
    case "error_clusters":
      return errorClusters(given.service as string, range, parts);
    case "list_deploys":
      return listDeploys(range, parts);
  }
}

async function searchLines(
  service: string,
  text: string,
  range: TimeRange,
  { scope, logs, redaction, pack, signal }: LookUpParts,
): Promise<Found> {
  const lines: string[] = [];
  const query = {
    ...range,
    services: [service],
    namespace: pack.namespace,
    ...(text.trim() !== "" && { contains: [text.trim().slice(0, 200)] }),
    order: "oldest first",
    limit: MAX_LINES,
    signal,
  } as const;
  for await (const { atNs, level, text: line } of logs.lines(scope.lokiOrgId, query))
    lines.push(
      `${time(Number(atNs / 1_000_000n))} ${level ?? "-"} ${redaction.sampleOf(line.split("\n", 1)[0] ?? "", LINE_CHARS)}`,
    );
  const containing = text.trim() === "" ? "" : ` with "${redaction.sampleOf(text.trim(), 80)}"`;
  // There may be more of them, which whoever counts them should know.
  const which = lines.length === MAX_LINES ? `first ${MAX_LINES} lines` : "lines";
  return { what: `${which} of ${service}${containing}`, range, lines };
}

async function countLines(
  service: string,
  range: TimeRange,
  { scope, logs, pack, signal }: LookUpParts,
): Promise<Found> {
  const stepMs = Math.max(1, Math.ceil((range.toMs - range.fromMs) / 60_000 / 60)) * 60_000;
  const query = { ...range, stepMs, services: [service], namespace: pack.namespace, signal };
  const series = await logs.counts(scope.lokiOrgId, query);
  return {
    what: `lines of ${service} every ${stepMs / 60_000} min`,
    range,
    lines: series.map(
      ({ level, counts }) => `${level ?? "no level"} (${sumOf(counts)} in all): ${counts.join(" ")}`,
    ),
  };
}

async function errorClusters(
  service: string,
  range: TimeRange,
  { scope, logs, redaction, fingerprints, pack, signal }: LookUpParts,
): Promise<Found> {
  const clusterer = createClusterer({ redaction, fingerprints });
  const query = {
    ...range,
    services: [service],
    namespace: pack.namespace,
    levels: ERROR_LEVELS,
    order: "oldest first",
    limit: MAX_READ,
    signal,
  } as const;
  let read = 0;
  async function* counted() {
    for await (const line of logs.lines(scope.lokiOrgId, query)) {
      read += 1;
      yield line;
    }
  }
  await clusterer.addAll(counted());
  const clusters = clusterer.clusters().sort((a, b) => b.count - a.count);
  const which = read === MAX_READ ? `first ${MAX_READ.toLocaleString("en-US")} ` : "";
  return {
    what: `${which}warnings and errors of ${service}`,
    range,
    lines: clusters
      .slice(0, MAX_CLUSTERS)
      .map(
        ({ level, count, template, timesMs }) =>
          `${count} ${level} from ${time(Math.min(...timesMs))} to ${time(Math.max(...timesMs))}: ${template.slice(0, LINE_CHARS)}`,
      ),
  };
}

async function listDeploys(range: TimeRange, { scope, pack }: LookUpParts): Promise<Found> {
  const deploys = await findDeploys(scope, range, pack.namespace);
  return {
    what: deploys.length > MAX_LINES ? `newest ${MAX_LINES} deploys` : "deploys",
    range,
    lines: deploys
      .slice(-MAX_LINES)
      .map(({ service, version, atMs }) => `${time(atMs)} ${service} ${version}`),
  };
}

/** A name that no service has is not asked for: it came from somewhere else than the logs of this tenant. */
async function isKnown(
  service: string,
  range: TimeRange,
  { pack, servicesIn }: LookUpParts,
): Promise<boolean> {
  const { namespace } = pack;
  const services = await servicesIn(range);
  return services.some((one) => one.service === service && (namespace === "" || one.namespace === namespace));
}

function rangeOf({ from, to }: { from: string; to: string }, nowMs: number): TimeRange | string {
  const fromMs = instantOf(from);
  const toMs = Math.min(instantOf(to), nowMs);
  if (!Number.isFinite(fromMs) || !Number.isFinite(toMs)) return "Times are written as 2026-01-31T14:00:00Z.";
  if (toMs <= fromMs) return "The time ends before it begins, or is yet to come.";
  if (nowMs - fromMs > MAX_AGE_MS) return "That is longer than seven days ago.";
  if (toMs - fromMs > MAX_RANGE_MS) return "At most six hours at a time.";
  return { fromMs, toMs };
}

/** Written without a zone it is UTC, as all times are that a model reads, and not of the zone that this process runs in. */
export function instantOf(written: string): number {
  const trimmed = written.trim();
  return Date.parse(/(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$/i.test(trimmed) ? trimmed : `${trimmed}Z`);
}

function time(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}
