import type { Sample } from "./samples.ts";

/** One line of the start's report: what was chosen, and why. */
export type Chosen = [what: string, chosen: string];

/** What the start chose and why, the address, and what to type: for the person at the terminal. */
export function startReport(
  chosen: readonly Chosen[],
  url: string,
  samples: readonly Sample[],
  tookMs: number,
): string {
  const tries = samples.map(({ analyze, title }) => `/loghunter analyze ${analyze.padEnd(12)} ${title}`);
  const lines = [
    ...chosen,
    ["", ""] as const,
    ["Open", url] as const,
    ...(tries.length === 0 ? ["/loghunter analyze <service>"] : tries).map(
      (text, i) => [i === 0 ? "Type" : "", text] as const,
    ),
  ];
  return `
LogHunter is ready after ${(tookMs / 1_000).toFixed(1)} s.

${lines.map(([what, text]) => `  ${what.padEnd(10)}${text}`.trimEnd()).join("\n")}

  Ctrl-C stops it. Whoever has the address can read these logs.
`;
}
