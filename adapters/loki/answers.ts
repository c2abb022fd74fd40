import { z } from "zod";
import { LokiFailure } from "./failure.ts";

/** Labels of a stream or a series. */
export type Labels = Readonly<Record<string, string>>;

/** One line as Loki keeps it. */
export interface Entry {
  atNs: bigint;
  text: string;
  /** Of the stream; where the server is too old to tell them apart, metadata and parsed fields too. */
  labels: Labels;
  metadata: Labels;
}

/**
 * The entries of a log query, in no order. Read by hand: there are thousands, and checking each with a schema took
 * longer than reading them.
 * @throws LokiFailure where it is no such answer
 */
export function entriesOf(answer: unknown): Entry[] {
  const entries: Entry[] = [];
  for (const stream of resultOf(answer, "streams")) {
    const labels = (stream as { stream?: unknown }).stream as Labels;
    const values = (stream as { values?: unknown }).values;
    if (typeof labels !== "object" || labels === null || !Array.isArray(values)) throw garbled();
    for (const value of values as unknown[]) {
      if (!Array.isArray(value) || typeof value[1] !== "string") throw garbled();
      entries.push({ atNs: nsOf(value[0]), text: value[1], labels, metadata: metadataOf(value[2]) });
    }
  }
  return entries;
}

function nsOf(time: unknown): bigint {
  // BigInt itself throws for what is no number, and takes "" for 0.
  if (typeof time !== "string" || !/^-?\d+$/.test(time)) throw garbled();
  return BigInt(time);
}

const NONE: Labels = Object.freeze({});

/** The third element, which older servers leave out. */
function metadataOf(extra: unknown): Labels {
  const metadata = (extra as { structuredMetadata?: Labels } | undefined)?.structuredMetadata;
  return typeof metadata === "object" && metadata !== null ? metadata : NONE;
}

/** Points of a series: seconds since the epoch, and a number. */
export interface Series {
  labels: Labels;
  points: [atSeconds: number, value: number][];
}

const Point = z.tuple([z.number(), z.string()]);
const Matrix = z.array(z.object({ metric: z.record(z.string(), z.string()), values: z.array(Point) }));
const Vector = z.array(z.object({ metric: z.record(z.string(), z.string()), value: Point }));

/** The series of a metric query. Values that are no number (`NaN`, `+Inf`) are left out. @throws LokiFailure */
export function seriesOf(answer: unknown): Series[] {
  const data = dataOf(answer);
  if (data.resultType === "matrix") {
    return checked(Matrix, data.result).map(({ metric, values }) => ({
      labels: metric,
      points: pointsOf(values),
    }));
  }
  if (data.resultType === "vector") {
    return checked(Vector, data.result).map(({ metric, value }) => ({
      labels: metric,
      points: pointsOf([value]),
    }));
  }
  throw garbled();
}

function pointsOf(values: readonly z.infer<typeof Point>[]): Series["points"] {
  return values.flatMap(([at, text]): Series["points"] => {
    const value = Number(text);
    return Number.isFinite(value) ? [[at, value]] : [];
  });
}

const Names = z.object({ status: z.literal("success"), data: z.array(z.string()).optional() });

/** Names or values of labels. Where there are none Loki leaves `data` out. @throws LokiFailure */
export function namesOf(answer: unknown): string[] {
  return checked(Names, answer).data ?? [];
}

const DURATION = z.string().optional();
const Limits = z.object({
  limits: z.object({
    max_entries_limit_per_query: z.number().optional(),
    max_query_series: z.number().optional(),
    max_query_length: DURATION,
    max_query_lookback: DURATION,
    query_timeout: DURATION,
    discover_log_levels: z.boolean().optional(),
    volume_enabled: z.boolean().optional(),
  }),
  version: z.string().optional(),
});
export type LimitsAnswer = z.infer<typeof Limits>;

export function limitsOf(answer: unknown): LimitsAnswer {
  return checked(Limits, answer);
}

const BuildInfo = z.object({ version: z.string() });

export function versionOf(answer: unknown): string {
  return checked(BuildInfo, answer).version;
}

interface Data {
  resultType?: unknown;
  result?: unknown;
}

function dataOf(answer: unknown): Data {
  const { status, data } = (answer ?? {}) as { status?: unknown; data?: unknown };
  if (status !== "success" || typeof data !== "object" || data === null) throw garbled();
  return data as Data;
}

function resultOf(answer: unknown, type: string): unknown[] {
  const { resultType, result } = dataOf(answer);
  if (resultType !== type || !Array.isArray(result)) throw garbled();
  return result;
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw garbled();
}

function garbled(): LokiFailure {
  return new LokiFailure("garbled", "");
}
