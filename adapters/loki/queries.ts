import { z } from "zod";
import { isLabelName } from "../../src/logs/logql/names.ts";
import type { LineQuery } from "../../src/logs/source.ts";
import type { Labels } from "./answers.ts";
import type { LokiClient } from "./client.ts";
import type { CountParts } from "./counts.ts";
import { LokiFailure } from "./failure.ts";
import { nsOf } from "./lines.ts";
import { isAnyOf, name } from "./logql.ts";
import type { PageParts, Span } from "./pages.ts";
import { type LogPipeline, textOf } from "./parts.ts";
import { MOST_VOLUMES, type PlaceParts } from "./places.ts";
import type { Shape } from "./shape.ts";

export interface Asking {
  signal: AbortSignal | undefined;
  fresh: boolean | undefined;
  timeoutMs: number;
}

export interface Queries extends Omit<CountParts, "services">, PlaceParts {
  pages(query: LineQuery): PageParts;
}

/** Loki's endpoints for one organisation and one caller. */
export function createQueries(client: LokiClient, org: string, shape: Shape, asking: Asking): Queries {
  const ask = (path: string, params: Readonly<Record<string, string>>) =>
    client.ask({ org, path: `/loki/api/v1${path}`, params }, { ...asking, cached: true });

  function askLines(query: LogPipeline, { fromNs, toNs }: Span, order: LineQuery["order"], limit: number) {
    return ask("/query_range", {
      query: textOf(query),
      start: String(fromNs),
      end: String(toNs),
      limit: String(limit),
      direction: order === "oldest first" ? "forward" : "backward",
    });
  }

  async function streamsOf(query: LogPipeline, { fromNs, toNs }: Span): Promise<LogPipeline[]> {
    const answer = await ask("/series", {
      "match[]": textOf({ ...query, pipeline: "" }),
      start: String(fromNs),
      end: String(toNs),
    });
    return streamsIn(answer).map((labels) => ({
      ...query,
      matchers: Object.entries(labels)
        .filter(([label]) => isLabelName(label))
        .map(([label, value]) => isAnyOf(label, [value])),
    }));
  }

  return {
    askRange: (query, firstMs, lastMs, stepMs) =>
      ask("/query_range", {
        query,
        start: String(nsOf(firstMs)),
        end: String(nsOf(lastMs)),
        step: `${stepMs}ms`,
      }),
    askInstant: (query, atMs) => ask("/query", { query, time: String(nsOf(atMs)) }),
    askVolume: (query, fromMs, toMs, labels) =>
      ask("/index/volume", {
        query,
        start: String(nsOf(fromMs)),
        end: String(nsOf(toMs)),
        targetLabels: labels.map(name).join(","),
        limit: String(MOST_VOLUMES),
      }),
    askValues: (label, fromMs, toMs) =>
      ask(`/label/${encodeURIComponent(name(label))}/values`, {
        start: String(nsOf(fromMs)),
        end: String(nsOf(toMs)),
      }),
    pages: (query) => ({
      ask: askLines,
      streamsOf,
      maxEntries: shape.maxEntries,
      onGap: (atNs) =>
        query.onNote?.(
          `More lines stand in one instant (${new Date(Number(atNs / 1_000_000n)).toISOString()}) than Loki gives at once: some of them are missing.`,
        ),
    }),
  };
}

const Streams = z.object({ status: z.literal("success"), data: z.array(z.record(z.string(), z.string())) });

function streamsIn(answer: unknown): Labels[] {
  const parsed = Streams.safeParse(answer);
  if (parsed.success) return parsed.data.data;
  throw new LokiFailure("garbled", "");
}
