import { confidenceWord } from "../analysis/answer.ts";
import { type Asking, show } from "./asking.ts";
import { CliError, EXIT } from "./exit.ts";
import { firstLine } from "./firstLine.ts";
import { plain, wrap } from "./terminal.ts";

export interface Job {
  id: string;
  state: "queued" | "running" | "done" | "failed";
  phase: string | null;
  service: string;
  createdAt: string;
  analysisId: string | null;
  /** Absent from servers of before. */
  failure?: string | null;
}

export interface Analysis {
  id: string;
  service: string;
  provider: string;
  model: string;
  rootCause: string;
  confidence: number;
  summary: string;
  suggestedAction: string | null;
  evidence: { service?: string; level?: string; count?: number; sample?: string }[];
}

export interface AnalyzeOptions {
  since?: string;
  namespace?: string;
  /** Prints the job and ends. */
  wait: boolean;
}

const EVERY_MS = 700;
const MOST_MS = 6 * 60_000;
const SHOWN = 3;

export async function analyze(asking: Asking, service: string, options: AnalyzeOptions): Promise<void> {
  const { terminal, pause, now } = asking;
  const client = await asking.client();
  const { since, namespace } = options;
  let job = await client.post<Job>("/analyses", { service, since, namespace });
  if (!options.wait) return show(asking, job, ({ id }) => `Looking for it: loghunter jobs ${id}`);
  const fromMs = now();
  while (job.state === "queued" || job.state === "running") {
    if (now() - fromMs > MOST_MS)
      throw new CliError(
        `It takes longer than usual. Look again with: loghunter jobs ${job.id}`,
        EXIT.unreachable,
      );
    terminal.progress(`${job.phase ?? "waiting for its turn"}, ${Math.round((now() - fromMs) / 1_000)} s`);
    await pause(EVERY_MS);
    job = await client.get<Job>(`/jobs/${job.id}`);
  }
  terminal.progress("");
  if (job.state === "failed")
    throw new CliError(`The search failed: ${job.failure ?? "LogHunter's own log says why."}`, EXIT.failed);
  await showFound(asking, job);
}

/** What a job found. */
export async function showFound(asking: Asking, job: Job): Promise<void> {
  const { terminal } = asking;
  if (job.analysisId === null)
    return show(asking, job, ({ service }) => `${plain(service)}: these logs do not show a cause.`);
  const analysis = await (await asking.client()).get<Analysis>(`/analyses/${job.analysisId}`);
  show(asking, analysis, (found) => inWords(found, terminal));
}

function inWords(found: Analysis, { paint, width }: Asking["terminal"]): string {
  const { confidence, evidence, provider, model, suggestedAction } = found;
  const by = provider === "builtin" ? "built-in analyzer" : `${provider} ${model}`;
  const samples = evidence.filter(({ sample }) => sample !== undefined).slice(0, SHOWN);
  return [
    paint("bold", wrap(found.rootCause, width)),
    paint("dim", `Confidence ${confidenceWord(confidence)} (${confidence.toFixed(2)}), ${by}`),
    "",
    wrap(found.summary, width),
    ...(suggestedAction === null ? [] : ["", wrap(`Next: ${suggestedAction}`, width)]),
    ...(samples.length === 0 ? [] : [""]),
    ...samples.flatMap(({ service = "", level = "", count = 0, sample = "" }) => [
      paint("dim", plain(`${service}  ${level}  ${count} lines`)),
      wrap(firstLine(sample), width, "  "),
    ]),
  ].join("\n");
}
