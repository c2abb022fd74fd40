import { setTimeout as sleep } from "node:timers/promises";
import { calledAs } from "../calledAs.ts";
import { eitherSignal } from "../chat/eitherSignal.ts";
import type { Environment } from "../config.ts";
import { type Check, runChecks } from "../doctor/check.ts";
import { WITHIN_MS } from "../doctor/doctor.ts";
import { openPatient } from "../main/patient.ts";
import { doctorText, shownText, summaryOf } from "./doctorText.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

export interface DoctorAsked {
  env: Environment;
  stateDirectory: string;
  /** Only this Loki organisation. */
  org?: string;
  terminal: Terminal;
  json: boolean;
  /** How long one check may take. */
  withinMs?: number;
}

const LOOKED_MS = 2_000;
const CLOSE_MS = 1_000;

/**
 * Looks at everything by itself, with the settings of the running LogHunter, whether that runs or not.
 * @throws CliError with a code for the shell, where something is to be mended
 */
export async function doctor({
  env,
  stateDirectory,
  org,
  terminal,
  json,
  withinMs = WITHIN_MS,
}: DoctorAsked): Promise<void> {
  terminal.progress("Looking…");
  const patient = await openPatient(env, stateDirectory, org);
  const findings = await runChecks([runningCheck(env), ...patient.checks], withinMs);
  // What hangs is not waited for a second time.
  await Promise.race([patient.close().catch(() => undefined), sleep(CLOSE_MS, undefined, { ref: false })]);
  terminal.progress("");
  const state =
    ["failure", "warning"].find((one) => findings.some((finding) => finding.state === one)) ?? "well";
  const told = findings.map(({ name, state: of, finding, fix }) => ({
    ...{ name, state: of, finding: shownText(finding) },
    ...(fix !== undefined && { fix: shownText(fix) }),
  }));
  terminal.print(json ? JSON.stringify({ state, findings: told }, null, 2) : doctorText(told, terminal));
  if (state !== "well")
    throw new CliError(summaryOf(findings), state === "failure" ? EXIT.failed : EXIT.warnings);
}

/** Whether LogHunter itself runs, as its own port says. */
function runningCheck({ httpHost, httpPort = 3141 }: Environment): Check {
  const host = httpHost === undefined || ["0.0.0.0", "::"].includes(httpHost) ? "127.0.0.1" : httpHost;
  const address = `${host.includes(":") ? `[${host}]` : host}:${httpPort}`;
  const fix = `Start it: ${calledAs("start")}. If it runs, give this command its settings: HTTP_HOST and HTTP_PORT.`;
  return {
    name: "loghunter",
    fix,
    async run(signal) {
      const within = eitherSignal(signal, AbortSignal.timeout(LOOKED_MS));
      const answered = await fetch(`http://${address}/healthz`, { signal: within }).then(
        async (response) => response.ok && (await response.text()).includes('"ok"'),
        () => false,
      );
      if (answered) return [{ state: "well", finding: `It answers at ${address}.` }];
      return [{ state: "warning", finding: `LogHunter does not answer at ${address}.`, fix }];
    },
  };
}
