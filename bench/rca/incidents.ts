import { readFileSync } from "node:fs";
import { isErrorLevel } from "../../src/clusters/cluster.ts";
import type { Question } from "../../src/evidence/gather.ts";
import { LEVELS, type Level, type LogLine, type TimeRange } from "../../src/logs/source.ts";

/** Everything of an incident that an analysis may see. */
export interface Incident {
  id: string;
  system: string;
  /** Lines are known from here on; the alert came at `alertMs`; it is looked at until `toMs`. */
  fromMs: number;
  alertMs: number;
  toMs: number;
  lines: LogLine[];
  /** Lines without an error by template, where the file has them counted only: before the alert and since. */
  flows: FlowCount[];
  /** A time without the fault, as the file's authors measured it. */
  earlier?: { range: TimeRange; lines: LogLine[]; flows: Map<string, number> };
}

export interface FlowCount {
  service: string;
  template: string;
  before: number;
  after: number;
}

/** What an incident is scored by. */
export interface Label {
  tier: "error-line" | "info-only" | "log-invisible" | "no-incident";
  service: string | null;
  lineRegex: string | null;
}

interface FileLine extends Array<unknown> {
  0: number;
  1: string;
  2: string;
  3: string;
}

interface FileIncident {
  id: string;
  tier: Label["tier"];
  system?: string;
  baseline?: string;
  from: number;
  alert: number;
  to: number;
  lines: FileLine[];
  info?: Record<string, Record<string, [number, number]>>;
  expected: { service: string | null; line_regex: string | null };
}

interface FileContent {
  baselines?: Record<
    string,
    { from: number; to: number; lines: FileLine[]; info?: Record<string, Record<string, number>> }
  >;
  incidents: FileIncident[];
}

/** The incidents of a file, without their labels. */
export function readIncidents(file: string): Incident[] {
  const content = contentOf(file);
  return content.incidents.map((incident) => {
    const earlier = incident.baseline === undefined ? undefined : content.baselines?.[incident.baseline];
    return {
      id: incident.id,
      system: incident.system ?? "",
      fromMs: incident.from,
      alertMs: incident.alert,
      toMs: incident.to,
      lines: incident.lines.map(lineOf),
      flows: Object.entries(incident.info ?? {}).flatMap(([service, templates]) =>
        Object.entries(templates).map(([template, [before, after]]) => ({
          service,
          template,
          before,
          after,
        })),
      ),
      ...(earlier !== undefined && {
        earlier: {
          range: { fromMs: earlier.from, toMs: earlier.to },
          lines: earlier.lines.map(lineOf),
          flows: new Map(
            Object.entries(earlier.info ?? {}).flatMap(([service, templates]) =>
              Object.entries(templates).map(([template, count]) => [flowKey(service, template), count]),
            ),
          ),
        },
      }),
    };
  });
}

/** The labels by incident: asked for only when everything has been decided. */
export function readLabels(file: string): Map<string, Label> {
  return new Map(
    contentOf(file).incidents.map(({ id, tier, expected }) => [
      id,
      { tier, service: expected.service, lineRegex: expected.line_regex },
    ]),
  );
}

export function flowKey(service: string, template: string): string {
  return `${service}\0${template}`;
}

function contentOf(file: string): FileContent {
  return JSON.parse(readFileSync(file, "utf8")) as FileContent;
}

function lineOf([atMs, service, level, text]: FileLine): LogLine {
  return {
    service,
    namespace: "",
    level: LEVELS.find((one) => one === level.toUpperCase()) as Level | undefined,
    text,
    atNs: BigInt(atMs) * 1_000_000n,
  };
}

/** The service an alert would be about: the one whose errors grew most, as far as that is known at its end. */
export function askedService({ lines, fromMs, alertMs, toMs }: Incident): string {
  const grown = new Map<string, number>();
  for (const { service, level, atNs } of lines) {
    if (level === undefined || level === "WARN" || !isErrorLevel(level)) continue;
    const isSince = Number(atNs / 1_000_000n) >= alertMs;
    const perMs = isSince ? 1 / (toMs - alertMs) : -1 / (alertMs - fromMs);
    grown.set(service, (grown.get(service) ?? 0) + perMs);
  }
  return [...grown].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "";
}

/** Before everything that the incident's lines are part of, and apart from it. */
const EARLIER_MS = 60 * 60_000;

/** The question about an incident, and all lines there are to answer it from. */
export function questionOf(
  { fromMs, alertMs, toMs, lines, flows, earlier }: Incident,
  service: string,
): { lines: LogLine[]; question: Omit<Question, "redaction"> } {
  const shiftMs = earlier === undefined ? 0 : fromMs - EARLIER_MS - earlier.range.toMs;
  const moved = earlier?.lines.map((line) => ({ ...line, atNs: line.atNs + BigInt(shiftMs) * 1_000_000n }));
  const question = { org: "", service, namespace: "", window: { fromMs: alertMs, toMs } };
  return {
    lines: [...lines, ...(moved ?? [])],
    question: {
      ...question,
      ...(earlier !== undefined && {
        earlier: { fromMs: earlier.range.fromMs + shiftMs, toMs: earlier.range.toMs + shiftMs },
      }),
      ...(flows.length > 0 && { flows: knownFlows(flows, { fromMs, alertMs, toMs }, earlier) }),
    },
  };
}

function knownFlows(
  flows: readonly FlowCount[],
  { fromMs, alertMs, toMs }: Pick<Incident, "fromMs" | "alertMs" | "toMs">,
  earlier: Incident["earlier"],
): NonNullable<Question["flows"]> {
  const counted = new Map(flows.map((flow) => [flowKey(flow.service, flow.template), flow]));
  for (const key of earlier?.flows.keys() ?? []) {
    const [service = "", template = ""] = key.split("\0");
    if (!counted.has(key)) counted.set(key, { service, template, before: 0, after: 0 });
  }
  return {
    counts: [...counted].map(([key, flow]) => ({
      ...flow,
      namespace: "",
      earlier: earlier?.flows.get(key) ?? 0,
    })),
    times: {
      beforeMs: alertMs - fromMs,
      afterMs: toMs - alertMs,
      earlierMs: earlier === undefined ? 0 : earlier.range.toMs - earlier.range.fromMs,
    },
  };
}
