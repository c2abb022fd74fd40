import type { Redaction } from "../logs/redaction.ts";
import type { LogLine, ServiceRef } from "../logs/source.ts";

/** Something that was done to a service or happened to it, at a moment. */
export interface PackEvent extends ServiceRef {
  atMs: number;
  kind: "restart" | "configuration" | "anomaly";
  /** The line that says so, or the anomaly in a sentence; redacted. */
  text: string;
}

const EVENT_CHARS = 200;

const SIGNS: readonly { kind: PackEvent["kind"]; signs: RegExp }[] = [
  {
    kind: "configuration",
    signs:
      /\b(?:config(?:uration)?|settings?|(?:feature )?flags?|secrets?|certificates?|credentials?|rules?|routes?|replicas?)\b.{0,40}\b(?:re-?load(?:ed|ing)?|changed?|updated?|applied|rotated|switched|turned|rolled out|enabled|disabled|scaled)\b|\b(?:re-?load(?:ed|ing)?|applied|applying|rotated|switched)\b.{0,40}\b(?:config(?:uration)?|settings?|feature flags?|secrets?|rules?)\b|\bmigrations?\b.{0,30}\b(?:applied|ran|started|complete)|\b(?:running|applying|starting)\b.{0,20}\bmigrations?\b/i,
  },
  {
    kind: "restart",
    signs:
      /\b(?:server|service|application|app|process|worker|container|pod|instance)\b.{0,30}\b(?:start(?:ed|ing)|restart(?:ed|ing)?|stopp(?:ed|ing)|exit(?:ed|ing)|terminat(?:ed|ing)|killed|crashed)\b|\bstart(?:ed|ing)(?: up)?\b.{0,30}\b(?:server|service|application|version|v\d)|\bshutting down\b|\bgraceful shutdown\b|\b(?:received )?sig(?:term|int|kill)\b|\blistening on\b|\bready to accept connections\b|\bstarted \w+ in \d|\bleader (?:elected|election|changed|lost)|\bfail(?:ed)?[ -]?over\b/i,
  },
];

/** What a line that is no error says was done to its service; undefined for the lines of every day. */
export function readEvent(line: LogLine, redaction: Redaction): PackEvent | undefined {
  const found = SIGNS.find(({ signs }) => signs.test(line.text.slice(0, 2_000)));
  if (found === undefined) return undefined;
  return {
    service: line.service,
    namespace: line.namespace,
    atMs: Number(line.atNs / 1_000_000n),
    kind: found.kind,
    text: redaction.sampleOf(line.text, EVENT_CHARS),
  };
}

/** A kind of event that a service writes more often than this within what was read is its everyday. */
const MOST_OF_A_KIND = 3;
const NEAR_MS = 5 * 60_000;
const MOST_EVENTS = 8;

/** Those nearest to the onset, oldest first; not what a service writes all the time. */
export function nearest(events: readonly PackEvent[], onsetMs: number): PackEvent[] {
  const often = new Map<string, number>();
  const keyOf = ({ namespace, service, kind }: PackEvent) => `${namespace}\0${service}\0${kind}`;
  for (const event of events) often.set(keyOf(event), (often.get(keyOf(event)) ?? 0) + 1);
  return events
    .filter((event) => event.kind === "anomaly" || (often.get(keyOf(event)) ?? 0) <= MOST_OF_A_KIND)
    .filter(({ atMs }) => Math.abs(atMs - onsetMs) <= NEAR_MS)
    .sort((a, b) => Math.abs(a.atMs - onsetMs) - Math.abs(b.atMs - onsetMs))
    .slice(0, MOST_EVENTS)
    .sort((a, b) => a.atMs - b.atMs);
}
