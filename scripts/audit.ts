/**
 * Asks the registry for known holes in what is shipped, and fails on those of high or critical severity. Where the registry
 * does not answer, or knows no advisories, it says so and passes: a machine without a network can still be worked on.
 */
import { spawn } from "node:child_process";

interface Report {
  auditReportVersion?: number;
  /** Why there is no report. */
  message?: string;
  vulnerabilities?: Record<string, { severity: string; via: (string | { title: string; url: string })[] }>;
}

const FAILS: ReadonlySet<string> = new Set(["high", "critical"]);
/** npm would try for minutes. */
const ARGUMENTS = ["audit", "--omit=dev", "--json", "--fetch-retries=0", "--fetch-timeout=10000"];

const said = await outputOf("npm", ARGUMENTS);
const report = readReport(said);
if (report?.auditReportVersion === undefined) {
  const why = report?.message?.split(" - ")[0] ?? "no answer";
  console.log(`NOT CHECKED for known holes: the registry gives no advisories (${why}).`);
} else {
  const found = Object.entries(report.vulnerabilities ?? {});
  for (const [name, { severity, via }] of found)
    console.log(`${severity} ${name}: ${via.map(wordsOf).join(", ")}`);
  const failing = found.filter(([, { severity }]) => FAILS.has(severity)).length;
  console.log(`${found.length} packages with known holes, ${failing} of them high or critical.`);
  process.exitCode = failing === 0 ? 0 : 1;
}

function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], timeout: 60_000 });
    let text = "";
    child.stdout.on("data", (data: Buffer) => {
      text += data.toString();
    });
    child.on("error", () => resolve(""));
    child.on("close", () => resolve(text));
  });
}

function readReport(text: string): Report | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wordsOf(via: string | { title: string; url: string }): string {
  return typeof via === "string" ? `by ${via}` : `${via.title} (${via.url})`;
}
