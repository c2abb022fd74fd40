import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { metricsTable } from "../../src/telemetry/table.ts";
import { type BusyApp, keepBusy, openBusyApp } from "../support/busyApp.ts";
import { readPromql, type Selector } from "../support/promql.ts";
import { type Exposition, metricOf } from "../support/promText.ts";

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { type: string; uid: string };
  targets?: {
    refId: string;
    expr: string;
    legendFormat: string;
    datasource: { type: string; uid: string };
  }[];
}
interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const root = new URL("../../", import.meta.url);
const read = (file: string) => readFile(new URL(file, root), "utf8");
const dashboard = JSON.parse(await read("deploy/grafana/dashboards/loghunter.json")) as {
  uid: string;
  schemaVersion: number;
  panels: Panel[];
};
const rules = (
  parse(await read("deploy/prometheus/rules.yml")) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules);
const targets = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
);
const expressions: [string, string][] = [
  ...targets.map(({ title, expr }): [string, string] => [title, expr]),
  ...rules.map(({ alert, expr }): [string, string] => [alert, expr]),
];

let app: BusyApp;
let backups: string;
let quiet: Exposition;
let busy: Exposition;

beforeAll(async () => {
  backups = await mkdtemp(join(tmpdir(), "loghunter-backups-"));
  app = await openBusyApp({ BACKUP_DIR: backups });
  quiet = await app.read();
  await keepBusy(app);
  busy = await app.read();
});
afterAll(async () => {
  await app.close();
  await rm(backups, { recursive: true });
});

describe("the dashboard and the alert rules", () => {
  test.each(expressions)("%s asks for what there is: %s", (_, expr) => {
    const selectors = readPromql(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const selector of selectors) expect(faultsOf(selector)).toEqual([]);
  });

  test("what a legend names is among what its expression leaves", () => {
    for (const { title, expr, legendFormat } of targets)
      for (const [, label = ""] of legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g))
        for (const { grouped } of readPromql(expr))
          expect([title, label, grouped === undefined || grouped.includes(label)]).toEqual([
            title,
            label,
            true,
          ]);
  });

  test("the dashboard is one that Grafana takes: its data source is there, and no panel stands on another", async () => {
    const sources = parse(await read("deploy/grafana/provisioning/datasources/loghunter.yaml")) as {
      datasources: { uid: string; type: string }[];
    };
    const known = sources.datasources.map(({ uid, type }) => `${type} ${uid}`);
    const { panels } = dashboard;
    expect(dashboard).toMatchObject({ uid: "loghunter", schemaVersion: 39 });
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { type, title, description, datasource, targets: asked = [], gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect([title, x >= 0 && w > 0 && x + w <= 24]).toEqual([title, true]);
      for (let column = x; column < x + w; column++)
        for (let line = y; line < y + h; line++) {
          expect([title, taken.has(`${column} ${line}`)]).toEqual([title, false]);
          taken.add(`${column} ${line}`);
        }
      if (type === "row") continue;
      expect(["timeseries", "stat"]).toContain(type);
      expect(description).toMatch(/\.$/);
      expect(asked.length).toBeGreaterThan(0);
      expect(new Set(asked.map(({ refId }) => refId)).size).toBe(asked.length);
      for (const from of [datasource, ...asked.map((one) => one.datasource)])
        expect(known).toContain(`${from?.type} ${from?.uid}`);
    }
  });

  test("what counts events of some kind counts the first one, whose sample is where there was none", () => {
    const counted = expressions.flatMap(([title, expr]) =>
      [...expr.matchAll(/increase\((\w+\{[^}]*\})\[([$\w]+)\]\)/g)].map(([increase, selector, within]) => ({
        said: `${title}: ${expr.replaceAll(/\s+/g, " ")}`,
        needed: `(${selector} unless ${selector} offset ${within}) or ${increase}`,
      })),
    );
    expect(counted).toHaveLength(4);
    for (const { said, needed } of counted) expect(said).toContain(needed);
  });

  test("each alert has words, a severity, and a runbook that is there", async () => {
    const headings = [...(await read("docs/operating.md")).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations } of rules) {
      expect(["critical", "warning"]).toContain(labels.severity);
      expect(annotations.summary).toMatch(/\.$/);
      const [file, heading] = annotations.runbook.split("#");
      expect([alert, file]).toEqual([alert, "docs/operating.md"]);
      expect(headings).toContain(heading);
    }
  });

  test("docs/operating.md has the table of what there is", async () => {
    expect(await read("docs/operating.md")).toContain(metricsTable());
  });
});

/** What a selector asks for that no process tells. */
function faultsOf({ metric, matchers, grouped = [] }: Selector): string[] {
  const isOurs = metric.startsWith("loghunter_");
  if (!quiet.kinds.has(metric) && !(quiet.kinds.get(metricOf(metric)) === "histogram"))
    return [`${metric}: no metric`];
  const samples = busy.samples.filter(({ name }) => name === metric);
  // There is no dump, and the server archives nothing; the other labels of samples are given by Prometheus.
  const absent = ["loghunter_backup_age_seconds", "loghunter_archive_healthy"];
  if (samples.length === 0) return absent.includes(metric) ? [] : [`${metric}: no sample`];
  const named = new Set(samples.flatMap(({ labels }) => Object.keys(labels)));
  const given = isOurs ? [] : ["instance", "job"];
  return [
    ...grouped
      .filter((label) => !named.has(label) && !given.includes(label))
      .map((label) => `${metric}: by ${label}`),
    ...matchers
      .filter(({ label, matches }) => !samples.some(({ labels }) => matches(labels[label] ?? "")))
      .map(({ label }) => `${metric}: nothing has that ${label}`),
  ];
}
