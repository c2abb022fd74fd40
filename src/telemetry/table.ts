import { type Definition, METRICS } from "./definitions.ts";

/** The table of metrics in docs/operating.md, in Markdown. */
export function metricsTable(): string {
  const rows = Object.entries<Definition>(METRICS).map(([name, { kind, help, labels }]) => {
    const of = labels.length === 0 ? "" : `{${labels.join(",")}}`;
    return `| \`${name}${of}\` | ${kind} | ${help} |`;
  });
  return ["| metric | kind | says |", "|---|---|---|", ...rows].join("\n");
}
