import { evidenceItems } from "../evidence/items.ts";
import type { Pack, VolumeDrop } from "../evidence/pack.ts";
import type { Answer } from "./answer.ts";
import { addressesReader } from "./grounding/hostile.ts";
import { withoutForeignLinks } from "./grounding/links.ts";
import { countOf, headline } from "./words.ts";

/** The version of its rules is kept with every answer, so that old ones can be told from new ones. */
export const BUILTIN = { provider: "builtin", model: "evidence-rules-5" } as const;

/** Nothing rose, and something that is said while all is well is said no longer. */
export function stopped(pack: Pack): Answer | undefined {
  const item = evidenceItems(pack).find((one) => one.kind === "drop");
  const silent = pack.quieter.some(({ service }) => service === pack.service);
  if (item?.kind !== "drop" || silent) return undefined;
  const { drop, number } = item;
  const others = (pack.drops ?? []).filter(({ service }) => service !== drop.service);
  const rate = (perMinute: number) => (perMinute >= 10 ? Math.round(perMinute) : perMinute.toFixed(1));
  const template = addressesReader(drop.template)
    ? "what it usually says"
    : `"${withoutForeignLinks(headline(drop.template), [])}"`;
  return {
    ...BUILTIN,
    rootCause: `${drop.service} says ${template} ${drop.perMinuteNow === 0 ? "no longer" : "far less often"}.`,
    summary: `${rate(drop.perMinuteNow)} lines a minute where ${rate(drop.perMinuteUsual)} would be usual [${number}]; no warning or error rose beyond what was there before.${others.length === 0 ? "" : ` Less is said by ${[...new Set(others.map(({ service }) => service))].join(", ")} too.`}`,
    suggestedAction: `Look at what ${drop.service} waits for or fails at without a word where this line would be next: traces, metrics, what calls it.`,
    confidence: Math.round(Math.min(0.3, 0.1 + drop.gain / 125) * 100) / 100,
    confidenceReasons: ["no line says why, one only stopped"],
    cites: [number],
    lookAt: LOOK_AT,
  };
}

/** What logs do not show. */
export const LOOK_AT = [
  "metrics of CPU, memory and network",
  "requests that never reached the logs",
  "a longer time",
];

/** Nothing that changed can be a cause. */
export function abstain(pack: Pack): Answer {
  const kinds = pack.clusters.length + pack.clustersLeftOut;
  const quiet = pack.quieter[0];
  const silence = pack.quieter.find(({ service }) => service === pack.service);
  const look =
    quiet === undefined
      ? "Look at metrics (CPU, memory, network), at requests that never reached the logs, or ask for a longer time."
      : `${fellQuiet(quiet)}: look at what it waits for.`;
  const where = pack.namespace === "" ? "any service" : pack.namespace;
  return {
    ...BUILTIN,
    rootCause: silence === undefined ? "Not visible in these logs." : `${fellQuiet(silence)}.`,
    summary: pack.silent
      ? `Nothing at all was logged in ${where} in this time, and in as much time before it. Ask about a longer time, such as since:6h.`
      : kinds === 0
        ? `No warning or error was logged in ${where}. ${look}`
        : `${countOf(kinds, "kind", "kinds")} of warnings and errors, none of which rose beyond what was there before. ${look}`,
    confidence: quiet === undefined ? 0.1 : 0.2,
    confidenceReasons: ["nothing that changed was found in what was read"],
    cites: [],
  };
}

export function fellQuiet(quiet: VolumeDrop): string {
  return `${quiet.service} ${howQuiet(quiet)}`;
}

/** `fell from 57 to 0 lines a minute` */
export function howQuiet({ perMinuteBefore, perMinuteAfter }: VolumeDrop): string {
  const rate = (perMinute: number) => Math.round(perMinute).toLocaleString("en-US");
  return `fell from ${rate(perMinuteBefore)} to ${rate(perMinuteAfter)} lines a minute`;
}
