/**
 * Whether the evidence holds the cause: `npm run --silent bench:rca -- --data FILE [--out FILE]`, where FILE holds incidents as
 * docs/benchmarks.md tells. No model is asked. Each incident goes the way of a question: its lines are a log source, the service
 * an alert would be about is asked for, evidence is gathered and ranked, the built-in analyzer answers. Labels are read only
 * when everything has been decided. Prints a table, and as its last line {"pack10","line3","service5","quietMaxConfidence",
 * "packTokensMedian"}, where what the file has no incident for is null.
 */
import { writeFileSync } from "node:fs";
import { analyseBuiltin } from "../src/analysis/builtin.ts";
import { newFence, packText } from "../src/analysis/prompt/packText.ts";
import { gatherEvidence } from "../src/evidence/gather.ts";
import { rankServices } from "../src/evidence/services.ts";
import { createRedaction } from "../src/logs/redaction.ts";
import { estimateTokens } from "../src/models/languageModel.ts";
import { createLinesSource } from "../test/support/linesSource.ts";
import { dataArguments } from "./data.ts";
import { askedService, type Incident, questionOf, readIncidents, readLabels } from "./rca/incidents.ts";
import { scoreOf, tableOf } from "./rca/score.ts";

/** What was decided of one incident; the form of `--out`. */
export interface Decided {
  id: string;
  clusters: { service: string; level: string; sample: string; count: number }[];
  services: string[];
  confidence: number;
  abstained: boolean;
  pack: string;
  packTokens: number;
  ms: number;
}

const { data, out } = dataArguments("docs/benchmarks.md tells the form of such a file.");
const incidents = readIncidents(data);
if (incidents.length === 0) {
  console.error(`No incidents in ${data}.`);
  process.exit(2);
}
// Once beforehand, for V8 to compile what runs.
await decide(incidents[0] as Incident);
const decided: Decided[] = [];
for (const incident of incidents) decided.push(await decide(incident));
if (out !== undefined) writeFileSync(out, `${decided.map((one) => JSON.stringify(one)).join("\n")}\n`);

const labels = readLabels(data);
console.log(tableOf(decided, labels));
console.log(JSON.stringify(scoreOf(decided, labels)));

async function decide(incident: Incident): Promise<Decided> {
  const startedMs = performance.now();
  const { lines, question } = questionOf(incident, askedService(incident));
  const redaction = createRedaction({ isNumbered: true });
  const { pack } = await gatherEvidence({ ...question, redaction }, createLinesSource(lines));
  const answer = analyseBuiltin(pack);
  const text = packText(pack, newFence());
  return {
    id: incident.id,
    clusters: pack.clusters.map(({ service, level, sample, count }) => ({ service, level, sample, count })),
    services: rankServices(pack).map(({ service }) => service),
    confidence: answer.confidence,
    abstained: answer.culprit === undefined,
    pack: text,
    packTokens: estimateTokens(text),
    ms: Math.round(performance.now() - startedMs),
  };
}
