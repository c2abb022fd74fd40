import type { Direction, Metric, Severity } from "../anomalies/metric.ts";
import { stateOf, valueText } from "../anomalies/words.ts";
import type { Job } from "./analyze.ts";
import { showFound } from "./analyze.ts";
import { type Asking, ago, type Page, show } from "./asking.ts";
import { firstLine } from "./firstLine.ts";
import { type Colour, clip, plain, table } from "./terminal.ts";

interface Kind {
  level: string;
  count: number;
  isNew: boolean | null;
  lastSeenAt: string;
  sample: string;
}

export async function errors(
  asking: Asking,
  service: string,
  query: { since?: string; level?: string; namespace?: string },
): Promise<void> {
  const asked = { service, ...query, ...(query.level !== undefined && { level: query.level.toUpperCase() }) };
  const found = await (await asking.client()).get<{ lines: number; items: Kind[]; notes: string[] }>(
    "/errors",
    asked,
  );
  show(asking, found, ({ lines, items, notes }) =>
    [
      items.length === 0
        ? `${service}: no warnings or errors.`
        : `${service}: ${lines} lines of ${items.length} ${items.length === 1 ? "kind" : "kinds"}`,
      ...(items.length === 0
        ? []
        : [
            table(
              items.map(({ level, count, isNew, lastSeenAt, sample }) => [
                ...[
                  `${count}`.padStart(7),
                  level,
                  isNew === true ? "new" : "",
                  ago(lastSeenAt, asking.now()),
                ],
                clip(firstLine(sample), 1_000),
              ]),
              asking.terminal.width,
            ),
          ]),
      ...notes.map(plain),
    ].join("\n"),
  );
}

interface Anomaly {
  id: string;
  service: string;
  metric: Metric;
  direction: Direction;
  severity: Severity;
  startedAt: string;
  resolvedAt: string | null;
  observedValue: number;
  baselineValue: number;
  acknowledgedBy: string | null;
}

const COLOURS: Record<Severity, Colour> = {
  LOW: "dim",
  MEDIUM: "yellow",
  HIGH: "red",
  CRITICAL: "red",
};

export async function anomalies(
  asking: Asking,
  query: { service?: string; state?: string; since?: string; limit?: string },
): Promise<void> {
  const { terminal, now } = asking;
  const found = await (await asking.client()).get<Page<Anomaly>>("/anomalies", query);
  show(asking, found, ({ items }) => {
    if (items.length === 0) return "No anomalies.";
    const rows = table(
      items.map((each) => [
        ...[each.severity, each.service, stateOf(each)],
        `${valueText(each.metric, each.observedValue)}, usual ${valueText(each.metric, each.baselineValue)}`,
        each.resolvedAt === null ? "open" : "over",
        `${ago(each.startedAt, now())}${each.acknowledgedBy === null ? "" : `, ${each.acknowledgedBy} looks into it`}`,
      ]),
      terminal.width,
    ).split("\n");
    return rows.map((row, at) => terminal.paint(COLOURS[items[at]?.severity ?? "LOW"], row)).join("\n");
  });
}

/** All jobs, or one and what it found. */
export async function jobs(asking: Asking, id: string | undefined): Promise<void> {
  const client = await asking.client();
  if (id !== undefined) {
    const job = await client.get<Job>(`/jobs/${encodeURIComponent(id)}`);
    if (job.state === "done") return showFound(asking, job);
    return show(asking, job, ({ service, state, phase, failure }) =>
      plain(
        [`${service}: ${state}`, ...(phase === null ? [] : [phase]), ...(failure ? [failure] : [])].join(
          ", ",
        ),
      ),
    );
  }
  show(asking, await client.get<Page<Job>>("/jobs"), ({ items }) =>
    items.length === 0
      ? "No jobs."
      : table(
          items.map((job) => [job.id, job.state, job.service, ago(job.createdAt, asking.now())]),
          asking.terminal.width,
        ),
  );
}
