import type { ErrorLevel, ServiceRef, TimeRange } from "../logs/source.ts";
import type { LineAround } from "./around.ts";
import type { Link } from "./calls.ts";
import type { PackEvent } from "./events.ts";
import type { FlowDrop } from "./flows.ts";

/**
 * Everything a root cause may cite: plain data, redacted, small enough to be kept with the
 * conversation and read again by every follow-up question. `evidence.ts` gathers it.
 */
export interface Pack {
  service: string;
  /** "" where the source has no namespaces. */
  namespace: string;
  /** What was asked about. */
  window: TimeRange;
  /** Reading began here, before the window, so that there is something to compare with. */
  lookbackFromMs: number;
  /** Lines of error levels that were read, of how many there were. */
  linesRead: number;
  linesThere: number;
  /** Services too loud to be read whole: some of their lines were read, from all of the time. */
  sampled: string[];
  /** Loud services of which no line was read. */
  unread: string[];
  /** What the source said of lines it could not give, one sentence each. */
  notes?: string[];
  /** Nothing at all was logged in the namespace in that time, of any level. */
  silent: boolean;
  /** The log of the namespace begins here, within what was read: of the time before nothing is known. */
  logBeginsMs?: number;
  /** When most of what rose began to rise; absent where nothing did. */
  onsetMs?: number;
  /** The likeliest first. Evidence [1], [2]… */
  clusters: RankedCluster[];
  /** Clusters that were seen and ranked below the ones kept. */
  clustersLeftOut: number;
  /** Of those, the ones beyond the number that can be told apart: counted, and not looked at. */
  kindsNotCompared?: number;
  deploys: Deploy[];
  /** When all was presumably well, which was read to compare with. The fields from here on are absent in packs of before. */
  earlier?: TimeRange;
  /** Talk that stopped: lines that are no errors. */
  drops?: FlowDrop[];
  /** What was done to services near the onset, oldest first. */
  events?: PackEvent[];
  /** Which service names which in its errors, the asked one's first. */
  calls?: { from: string; to: string }[];
  /** What was found of the same clusters before, the newest first. */
  past?: PastAnalysis[];
  /** Services that wrote far less after the onset than before. */
  quieter: VolumeDrop[];
  /** ERROR and worse of the asked service, per step, from the start of the look-back; its warnings where it has none. */
  errors: { fromMs: number; stepMs: number; counts: number[]; of: "errors" | "warnings" };
}

export interface RankedCluster extends ServiceRef {
  fingerprint: string;
  template: string;
  level: ErrorLevel;
  sample: string;
  /** Lines from the rise (or from the window's start, where there was none) to the window's end. */
  count: number;
  /** Lines that the rate before would have brought in the same time. */
  expected: number;
  /** When it rose; absent for what went on as before. */
  onsetMs?: number;
  /** When it was last logged, where it has stopped since. */
  endedMs?: number;
  /** Not seen before its rise: not within what was read, and not in an analysis before. */
  isNew: boolean;
  /** The known one of its service that a new one resembles, and since when it is known. */
  like?: { template: string; sinceMs: number };
  /** Lines per step over the same steps as `errors`. */
  series: number[];
  /** 0 to 1, comparable within one pack. */
  score: number;
  /** What ties it to the asked service. */
  link: Link;
  /** Why it stands where it stands, for people. */
  reasons: string[];
  /** What its service wrote beside the first of its lines. */
  around?: LineAround[];
}

/** An analysis of before, with what people said of it. */
export interface PastAnalysis {
  id: string;
  atMs: number;
  service: string;
  rootCause: string;
  confidence: number;
  /** It was a look at the same incident, not at one before. */
  isOfThisIncident?: boolean;
  /** It said that the logs do not show a cause: `cause` is what is worth reading. */
  namedNoCause?: boolean;
  /** How many said so. */
  right: number;
  partly: number;
  wrong: number;
  /** What it was instead, in their words; redacted. */
  cause?: string;
}

export interface Deploy extends ServiceRef {
  version: string;
  atMs: number;
}

export interface VolumeDrop extends ServiceRef {
  perMinuteBefore: number;
  perMinuteAfter: number;
  /** The step from which on it wrote less. */
  atMs: number;
}

/** All the time that was read. */
export function rangeOf(pack: Pack): TimeRange {
  return { fromMs: pack.lookbackFromMs, toMs: pack.window.toMs };
}
