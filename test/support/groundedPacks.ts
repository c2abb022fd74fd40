import type { RootCauseForm } from "../../src/analysis/prompt/rootCause.ts";
import type { Pack, RankedCluster } from "../../src/evidence/pack.ts";
import { HOUR } from "./incident.ts";

const onsetMs = HOUR.fromMs + 50 * 60_000;

/** An ordinary incident: [1] is what is wrong, [2] its symptom, [3] noise, [4] a deploy; more clusters come before the deploy. */
export function packOf(...more: RankedCluster[]): Pack {
  const clusters = [
    cluster("orders-db", "FATAL: sorry, too many clients already", { level: "FATAL" }),
    cluster("checkout", "POST /orders failed: connect timed out after 3000 ms", { onsetMs: onsetMs + 4_000 }),
    chronic("payments", "card issuer answered slowly, trying again"),
    ...more,
  ];
  return {
    service: "checkout",
    namespace: "",
    window: HOUR,
    lookbackFromMs: HOUR.fromMs - 3_600_000,
    linesRead: 1_000,
    linesThere: 1_000,
    sampled: [],
    unread: [],
    silent: false,
    onsetMs,
    clusters,
    clustersLeftOut: 0,
    deploys: [{ service: "checkout", version: "v2.4.1", atMs: onsetMs - 120_000 }] as Pack["deploys"],
    quieter: [],
    errors: { fromMs: HOUR.fromMs, stepMs: 60_000, counts: [], of: "errors" },
  };
}

/** Stands at [4]. */
export function hostileCluster(line: string): RankedCluster {
  return cluster("auth", line, { link: "none" as RankedCluster["link"] });
}

function cluster(service: string, sample: string, more: Partial<RankedCluster> = {}): RankedCluster {
  return {
    service,
    namespace: "",
    fingerprint: `v1:${service}`,
    template: sample,
    level: "ERROR",
    sample,
    count: 120,
    expected: 0,
    onsetMs,
    isNew: true,
    series: [0, 0, 60, 60],
    score: 0.7,
    link: service === "checkout" ? "own" : "named",
    reasons: ["not seen before in what was read"],
    ...more,
  };
}

/** Went on as before. */
function chronic(service: string, sample: string): RankedCluster {
  const { onsetMs: _, ...rest } = cluster(service, sample, { level: "WARN", isNew: false });
  return rest;
}

/** A model's answer that says one thing. */
export function answerForm(
  cause: string,
  {
    evidence = 1,
    quote = "too many clients already",
    confidence = 0.9,
    advice = "Look at who holds the connections.",
    command = "",
  } = {},
): RootCauseForm {
  return {
    verdict: "cause visible",
    hypotheses: [{ cause, service: "orders-db", for: [{ evidence, quote }], against: [], confidence }],
    summary: [],
    nextStep: { advice, command },
    lookAt: [],
  };
}
