import { fingerprintOf } from "../src/clusters/fingerprint.ts";
import { clusterText, saidBy } from "../src/clusters/message.ts";
import { tellLine } from "../src/logs/parse.ts";
import { redact } from "../src/logs/redaction.ts";

export type Step = "json" | "extraction" | "redaction" | "fingerprint" | "pipeline";

export interface Times {
  lines: number;
  characters: number;
  spentMs: Record<Step, number>;
}

export function newTimes(): Times {
  return {
    lines: 0,
    characters: 0,
    spentMs: { json: 0, extraction: 0, redaction: 0, fingerprint: 0, pipeline: 0 },
  };
}

/** Each step in turn over the same lines, so that all meet the same machine. */
export function measure(times: Times, lines: readonly string[]): void {
  const values = lines.map((line) => [`${Date.now()}000000`, line]);
  const answer = JSON.stringify({
    status: "success",
    data: { resultType: "streams", result: [{ stream: { service_name: "checkout" }, values }] },
  });
  const timed = <T>(step: Step, work: () => T): T => {
    const startMs = performance.now();
    const result = work();
    times.spentMs[step] += performance.now() - startMs;
    return result;
  };
  const parsed = timed("json", () => JSON.parse(answer) as LokiAnswer);
  // As a line comes from there.
  const entries = parsed.data.result.flatMap((stream) => stream.values.map(([, line]) => line));
  const texts = timed("extraction", () => entries.map((line) => clusterText(tellLine(line))));
  const redacted = timed("redaction", () => texts.map(redact));
  timed("fingerprint", () => redacted.map(fingerprintOf));
  timed("pipeline", () => entries.map((line) => fingerprintOf(saidBy(line))));
  times.lines += lines.length;
  for (const line of lines) times.characters += line.length;
}

interface LokiAnswer {
  data: { result: { values: [atNs: string, line: string][] }[] };
}

export function addUp(all: readonly Times[]): Times {
  const sum = newTimes();
  for (const { lines, characters, spentMs } of all) {
    sum.lines += lines;
    sum.characters += characters;
    for (const step of Object.keys(spentMs) as Step[]) sum.spentMs[step] += spentMs[step];
  }
  return sum;
}

export function perSecond({ lines, spentMs }: Times, step: Step): number {
  return Math.round(lines / (spentMs[step] / 1_000));
}
