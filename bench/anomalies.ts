/**
 * How well the detector tells incidents from what is usual. `npm run --silent bench:anomalies -- --data DIR [--out FILE]`, where
 * DIR has labelled series (docs/benchmarks.md). Prints tables and as its last line {"f1","precision","recall",
 * "falsePerSeriesWeek","recallAtQuarter","medianDelayMinutes","nabStandard"} at the threshold as shipped.
 */
import { writeFileSync } from "node:fs";
import { createDetector, SEVERITY_FROM } from "../src/anomalies/detector.ts";
import { type AlertTally, addTallies, figuresOf, messagesAt, tallyOf, warmUntil } from "./alertScore.ts";
import { dataArguments } from "./data.ts";
import { nabStandard } from "./nabScore.ts";
import { familyOf, readSeries, type SeriesFile, startMs, stretchesOf } from "./seriesFiles.ts";

interface Scored {
  series: SeriesFile;
  scores: (number | null)[];
}

/** False messages a week that "recall at a quarter" allows. */
const QUARTER = 0.25;
/** In points: messages so near to a benign event are put down to it. */
const NEAR_BENIGN = { deploy: 60, gap: 30, other: 30 } as const;
/** P / R / F1 / false a week of others, on series kept apart, each at its best threshold; the first as it is usually set. */
const PEERS = [
  ["more than 3 times the mean of 24 h", ".03", ".39", "–", "19"],
  ["mean + kσ of 7 days", ".16", ".47", ".24", "3.8"],
  ["Grafana's adaptive rules", ".25", ".22", ".23", "1.0"],
  ["Holt-Winters", ".06", ".61", ".11", "14"],
  ["CAD OSE (told least and most)", ".60", ".31", ".41", ".3"],
] as const;

const { data, out } = dataArguments(
  "docs/benchmarks.md tells the form, and where labelled series can be found.",
);
const all = readSeries(data);
if (all.length === 0) {
  console.error(`No series in ${data}.`);
  process.exit(2);
}

const before = process.cpuUsage();
const decided = all.map((series): Scored => ({ series, scores: scoresOf(series) }));
const cpuSeconds = process.cpuUsage(before).user / 1e6;
if (out !== undefined) {
  const byName = Object.fromEntries(decided.map(({ series, scores }) => [series.name, scores]));
  writeFileSync(out, JSON.stringify(byName));
}

// Only now are the labels looked at.
const threshold = SEVERITY_FROM.LOW;
const families = [...new Set(all.map(familyOf))];
console.log("family             series  incidents      P     R    F1  false/week  delay min");
for (const family of [...families, "all"]) printRow(family, threshold);
for (const [name, p, r, f1, falses] of PEERS) {
  console.log(
    `${name.padEnd(36)} ${p.padStart(9)} ${r.padStart(5)} ${f1.padStart(5)} ${falses.padStart(11)}`,
  );
}
console.log("\nfrom severity on   P     R    F1  false/week");
for (const [severity, from] of Object.entries(SEVERITY_FROM)) {
  const { precision, recall, f1, falsePerSeriesWeek } = figuresOf(total(decided, from));
  console.log(
    `${severity.padEnd(15)} ${two(precision)}  ${two(recall)}  ${two(f1)}  ${two(falsePerSeriesWeek).padStart(10)}`,
  );
}
printKinds();
const mostFalse = Math.max(
  ...decided.map(({ series, scores }) => perWeek(tallyOf(series, scores, threshold))),
);
const points = all.reduce((sum, { values }) => sum + values.length, 0);
const bytes = createDetector({ stepSeconds: 60, kind: "count" }).save().byteLength;
console.log(
  `\nmost false a week in one series ${two(mostFalse)}; ${Math.round(points / cpuSeconds).toLocaleString("en")} points a second of processor time; ${bytes.toLocaleString("en")} bytes a series of one minute steps`,
);

const figures = figuresOf(total(decided, threshold));
const nab = nabStandard(decided.filter(({ series }) => familyOf(series) === "nab"));
console.log(
  JSON.stringify({
    f1: rounded(figures.f1),
    precision: rounded(figures.precision),
    recall: rounded(figures.recall),
    falsePerSeriesWeek: rounded(figures.falsePerSeriesWeek),
    recallAtQuarter: rounded(recallAtQuarter()),
    medianDelayMinutes: figures.medianDelayMinutes,
    nabStandard: nab === null ? null : rounded(nab),
  }),
);

function scoresOf(series: SeriesFile): (number | null)[] {
  const { intervalSeconds, kind, values } = series;
  const detector = createDetector({ stepSeconds: intervalSeconds, kind });
  const start = startMs(series);
  return values.map((value, point) => {
    const { score } = detector.push(start + point * intervalSeconds * 1_000, value);
    return value === null ? null : rounded(score);
  });
}

function total(of: readonly Scored[], from: number): AlertTally {
  return addTallies(of.map(({ series, scores }) => tallyOf(series, scores, from)));
}

/** The best recall of the thresholds that keep false messages below the quarter. */
function recallAtQuarter(): number {
  let best = 0;
  for (let from = 0.05; from < 6; from += 0.05) {
    const { recall, falsePerSeriesWeek } = figuresOf(total(decided, from));
    if (falsePerSeriesWeek <= QUARTER) best = Math.max(best, recall);
  }
  return best;
}

function printRow(family: string, from: number): void {
  const of = decided.filter(({ series }) => family === "all" || familyOf(series) === family);
  const tally = total(of, from);
  const { precision, recall, f1, falsePerSeriesWeek, medianDelayMinutes } = figuresOf(tally);
  console.log(
    `${family.padEnd(18)} ${String(of.length).padStart(6)} ${String(tally.incidents).padStart(10)}   ${two(precision)}  ${two(recall)}  ${two(f1)} ${two(falsePerSeriesWeek).padStart(11)} ${String(medianDelayMinutes ?? "–").padStart(10)}`,
  );
}

/** Of made series: what was caught of each kind of incident, and which benign events were told. */
function printKinds(): void {
  const caught = new Map<string, { of: number; caught: number }>();
  const told = new Map<string, number>();
  for (const { series, scores } of decided) {
    const sent = messagesAt(series, scores, threshold);
    for (const { type, start, end } of series.incidents ?? []) {
      const [window] = stretchesOf(series, [[start, end]]);
      if (window === undefined || window.from < warmUntil(series)) continue;
      const kind = caught.get(type) ?? { of: 0, caught: 0 };
      kind.of += 1;
      if (sent.some((at) => at >= window.from - 5 && at <= window.to + 15)) kind.caught += 1;
      caught.set(type, kind);
    }
    if (series.benign === undefined) continue;
    for (const at of tallyOf(series, scores, threshold).falseAt) {
      const type = benignAt(series, at) ?? "by chance";
      told.set(type, (told.get(type) ?? 0) + 1);
    }
  }
  if (caught.size === 0) return;
  const kinds = [...caught].sort().map(([type, kind]) => `${type} ${kind.caught} of ${kind.of}`);
  console.log(`\ncaught: ${kinds.join(", ")}`);
  console.log(
    `false messages: ${[...told]
      .sort()
      .map(([type, n]) => `${type} ${n}`)
      .join(", ")}`,
  );
}

/** The kind of benign event that a false message is put down to; the week after a clock change only where nothing else is. */
function benignAt(series: SeriesFile, at: number): string | undefined {
  const near = (series.benign ?? []).filter(({ type, start, end }) => {
    const [stretch] = stretchesOf(series, [[start, end]]);
    const after = NEAR_BENIGN[type as keyof typeof NEAR_BENIGN] ?? NEAR_BENIGN.other;
    return stretch !== undefined && at >= stretch.from - 1 && at <= stretch.to + after;
  });
  return (near.find(({ type }) => type !== "clock-change") ?? near[0])?.type;
}

function perWeek({ falseMessages, weeks }: AlertTally): number {
  return falseMessages / weeks;
}

function two(value: number): string {
  return value.toFixed(2).replace(/^0/, "").padStart(3);
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
